// Package token makes, reads and seals the secrets that sign-in rests on:
// random bearer tokens, their hashes for storage, and the key ring behind
// every code, cookie and sealed column.
//
//	secret := token.New()                        // goes to the browser
//	row.TokenHash = token.HashOf(secret.Reveal()) // goes to the database
//
//	hash, ok := token.Parse(cookie.Value) // what comes back
//	if !ok {
//		// Not one of ours: no look-up.
//	}
//
//	keys, err := token.NewKeys(secrets)
//	sealed, err := keys.Seal(token.PurposeBlob, plain, "credentials", id, "secret")
//
// It protects from a stolen database (only hashes and sealed values are
// stored), from tokens with several spellings, from a value of one purpose,
// table, row or column passed off as another's, and from secrets in logs.
//
// It leaves to the caller: expiry, one-time use, and where secrets come from.
package token
