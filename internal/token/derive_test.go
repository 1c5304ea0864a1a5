package token_test

import (
	"bytes"
	"testing"

	"github.com/torii-go/torii/internal/token"
)

func TestDerive(t *testing.T) {
	old, young := []byte("an old secret of at least 32 bytes"), []byte("a new secret of at least 32 bytes.")
	before, err := token.NewKeys([][]byte{old})
	if err != nil {
		t.Fatal(err)
	}
	after, err := token.NewKeys([][]byte{young, old})
	if err != nil {
		t.Fatal(err)
	}
	was, is := before.Derive(token.PurposeJWT), after.Derive(token.PurposeJWT)
	if len(was) != 1 || len(is) != 2 {
		t.Fatalf("%d and %d keys, want 1 and 2", len(was), len(is))
	}
	if len(is[0].Key) != 32 || bytes.Equal(is[0].Key, is[1].Key) || is[0].ID == is[1].ID {
		t.Error("the keys of two secrets are not apart")
	}
	if is[1].ID != was[0].ID || !bytes.Equal(is[1].Key, was[0].Key) {
		t.Error("the old secret's key is another one after a rotation")
	}
	if bytes.Equal(was[0].Key, before.Derive(token.PurposeCode)[0].Key) {
		t.Error("two purposes share a key")
	}
	if bytes.Equal(was[0].Key, before.MAC(token.PurposeJWT)) {
		t.Error("a derived key is a MAC")
	}
}
