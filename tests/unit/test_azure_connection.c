#include "backends/azure_connection.h"

#include "backends/digest.h"

#include <criterion/criterion.h>

#include <errno.h>
#include <string.h>

static void expect_text(const char *got, const char *want, const char *of)
{
	cr_expect(!got == !want, "'%s': '%s', not '%s'", of, got, want);
	if (got && want)
		cr_expect_str_eq(got, want, "'%s'", of);
}

Test(azure_connection, says_account_key_signature_and_endpoint)
{
	static const struct {
		const char *text, *account, *key, *sas, *endpoint;
	} cases[] = {
		{ "DefaultEndpointsProtocol=https;AccountName=acme;"
		  "AccountKey=a2V5PQ==;EndpointSuffix=core.windows.net",
		  "acme", "a2V5PQ==", NULL,
		  "https://acme.blob.core.windows.net" },
		{ "AccountName=acme;AccountKey=a2V5", "acme", "a2V5", NULL,
		  "https://acme.blob.core.windows.net" },
		{ "DefaultEndpointsProtocol=http;AccountName=acme;"
		  "AccountKey=a2V5;EndpointSuffix=core.chinacloudapi.cn;",
		  "acme", "a2V5", NULL,
		  "http://acme.blob.core.chinacloudapi.cn" },
		{ "AccountName=a;AccountKey=k;"
		  "BlobEndpoint=http://10.0.0.1:10000/a/;"
		  "QueueEndpoint=http://10.0.0.1:10001/a",
		  "a", "k", NULL, "http://10.0.0.1:10000/a" },
		{ "BlobEndpoint=https://acme.blob.core.windows.net;"
		  "SharedAccessSignature=?sv=2021-12-02&sig=a%2B%3D",
		  NULL, NULL, "sv=2021-12-02&sig=a%2B%3D",
		  "https://acme.blob.core.windows.net" },
		{ "AccountName=acme;SharedAccessSignature=sv=1&sig=2", "acme",
		  NULL, "sv=1&sig=2", "https://acme.blob.core.windows.net" },
		{ " accountname = acme ;; ACCOUNTKEY= k ; \n", "acme", "k",
		  NULL, "https://acme.blob.core.windows.net" },
		{ "AccountName=a;AccountKey=1;AccountKey=2;AccountKey=", "a",
		  "2", NULL, "https://a.blob.core.windows.net" },
		{ "UseDevelopmentStorage=true;"
		  "DevelopmentStorageProxyUri=http://azurite",
		  "devstoreaccount1",
		  "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6"
		  "tq/K1SZFPTOtr/KBHBeksoGMGw==",
		  NULL, "http://azurite:10000/devstoreaccount1" },
		{ "UseDevelopmentStorage=True", "devstoreaccount1",
		  "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6"
		  "tq/K1SZFPTOtr/KBHBeksoGMGw==",
		  NULL, "http://127.0.0.1:10000/devstoreaccount1" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct azure_connection c;
		const char *why;

		cr_assert_eq(azure_connection_parse(cases[i].text, &c, &why), 0,
			     "'%s': %s", cases[i].text, why);
		expect_text(c.account, cases[i].account, cases[i].text);
		expect_text(c.key, cases[i].key, cases[i].text);
		expect_text(c.sas, cases[i].sas, cases[i].text);
		expect_text(c.endpoint, cases[i].endpoint, cases[i].text);
		azure_connection_clear(&c);
	}
}

Test(azure_connection, refuses_what_makes_no_sense_without_repeating_it)
{
	static const char *const wrong[] = {
		"",
		";",
		"hush",
		"AccountName=a;AccountKey",
		"AccountName=a;=hush",
		"AccountName=a",
		"AccountKey=hush",
		"AccountName=a;AccountKey=hu sh",
		"AccountName=a;SharedAccessSignature=?",
		"AccountName=a;AccountKey=hush\nhush",
		"AccountName=a;AccountKey=hush;DefaultEndpointsProtocol=ftp",
		"UseDevelopmentStorage=hush",
		"BlobEndpoint=http://hush",
		"AccountName=a\xc3\xbc;AccountKey=hush",
	};

	for (size_t i = 0; i < ARRAY_SIZE(wrong); i++) {
		struct azure_connection c;
		const char *why;

		cr_expect_eq(azure_connection_parse(wrong[i], &c, &why),
			     -EINVAL, "'%s'", wrong[i]);
		cr_expect_null(strstr(why, "hush"));
		cr_expect_null(c.key);
	}
}
