// Package passhash stores and checks passwords with Argon2id (RFC 9106).
//
//	hasher, err := passhash.New(passhash.Config{})
//
//	encoded, err := hasher.Hash(ctx, password) // at sign-up
//
//	match, err := hasher.Verify(ctx, encoded, password) // at sign-in
//	if match.OK && match.Rehash {
//		encoded, err = hasher.Hash(ctx, password) // parameters have changed
//	}
//
//	err = hasher.Dummy(ctx, password) // at sign-in to an account that is not there
//
// It protects from fast guessing of a stolen database, from stored hashes
// that would exhaust memory, and from a flood of sign-ins: so many hashes at a
// time as memory and processors bear, a bounded queue behind them, and
// ErrOverloaded beyond it.
//
// # Hashes from elsewhere
//
// Verify reads these too, and asks for a Rehash whenever one matches:
//
//	$argon2i$v=19$m=65536,t=4,p=1$…$…        PHC string; and Argon2id of any parameters
//	$2y$12$…, $2a$…, $2b$…                   bcrypt: Laravel, Devise, crypt(3)
//	$scrypt$ln=16,r=8,p=1$…$…                Passlib
//	$pbkdf2-sha256$29000$…$…                 Passlib; $pbkdf2$ is SHA-1, $pbkdf2-sha512$
//	pbkdf2_sha256$1000000$salt$…             Django; and pbkdf2_sha1
//	bcrypt$$2b$12$…, bcrypt_sha256$$2b$12$…  Django
//	argon2$argon2id$v=19$…                   Django; and argon2$argon2i
//	scrypt$16384$salt$8$5$…                  Django
//	$firebase-scrypt$ln=14,r=8$…$…           made by Firebase.Encode
//
// None is ever made here. The bounds are 256 MiB, 16 passes and 16 lanes of Argon2,
// bcrypt's cost 15, 5,000,000 iterations of PBKDF2, 256 MiB and 512 MiB in all lanes
// of scrypt, 64 bytes of salt and of tag. There is no least cost: a cheap hash is
// better replaced at the next sign-in than never. Not read are Argon2d (x/crypto has
// none), Argon2 version 16, $2x$, a pepper (Devise's, appended before hashing), and
// plain digests such as MD5.
//
// bcrypt hashes 72 bytes. The rest of a longer password is ignored, as it was where the
// hash was made, and counts from the Rehash on. A password with a NUL matches no bcrypt
// hash.
//
// A Dummy costs what a hash of the Hasher's own parameters costs. A hash of another
// scheme takes its own time, so until it has been replaced, the clock tells its account
// from one that does not exist.
//
// It leaves to the caller: which passwords are good enough (it hashes the
// empty one as well), Unicode normalisation, rate limits, and calling Dummy.
package passhash
