//go:build codegen

// Command entc writes the studio's client. Run it with "go generate ./ent".
package main

import (
	"log"

	"entgo.io/ent/entc"
	"entgo.io/ent/entc/gen"

	"github.com/torii-go/torii/entauth"
)

func main() {
	if err := entc.Generate("./schema", &gen.Config{}, entc.Extensions(entauth.New())); err != nil {
		log.Fatal(err)
	}
}
