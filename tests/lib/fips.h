/* A machine whose policy forbids MD5, as one in FIPS mode does. */
#ifndef TESTS_LIB_FIPS_H
#define TESTS_LIB_FIPS_H

/* For the whole of this process, before it makes use of OpenSSL, whose own
 * configuration says so; here SHA-256 is forbidden with it.  folder is where a
 * file for it can be. */
void fips_forbid_digests(const char *folder);

#endif
