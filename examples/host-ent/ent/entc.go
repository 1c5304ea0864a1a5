//go:build codegen

// Command entc writes package ent from ent/schema, Torii's tables and the bridge to it
// included. "go generate ./..." runs it; what it writes is committed.
package main

import (
	"log"

	"entgo.io/ent/entc"
	"entgo.io/ent/entc/gen"

	"github.com/torii-go/torii/entauth"
)

func main() {
	cfg := &gen.Config{Features: []gen.Feature{gen.FeaturePrivacy}}
	if err := entc.Generate("./schema", cfg, entc.Extensions(entauth.New())); err != nil {
		log.Fatal(err)
	}
}
