//go:build codegen

// Command entc writes the typed client of package ent from ent/schema. Run it with
// "go generate ./ent"; what it writes is committed.
package main

import (
	"log"

	"entgo.io/ent/entc"
	"entgo.io/ent/entc/gen"
)

func main() {
	features := []gen.Feature{gen.FeatureExecQuery, gen.FeatureLock, gen.FeatureModifier}
	cfg := &gen.Config{Features: features, Package: "github.com/torii-go/torii/ent", Schema: "github.com/torii-go/torii/ent/schema"}
	if err := entc.Generate("./schema", cfg); err != nil {
		log.Fatalf("generate the Ent client: %v", err)
	}
}
