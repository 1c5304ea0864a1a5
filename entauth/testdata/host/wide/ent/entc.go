//go:build ignore

package main

import (
	"log"

	"entgo.io/ent/entc"
	"entgo.io/ent/entc/gen"

	"github.com/torii-go/torii/entauth"
)

func main() {
	features := []gen.Feature{
		gen.FeaturePrivacy, gen.FeatureIntercept, gen.FeatureEntQL, gen.FeatureNamedEdges, gen.FeatureBidiEdgeRefs, gen.FeatureSnapshot,
		gen.FeatureLock, gen.FeatureModifier, gen.FeatureExecQuery, gen.FeatureUpsert, gen.FeatureVersionedMigration,
	}
	if err := entc.Generate("./schema", &gen.Config{Features: features}, entc.Extensions(entauth.New())); err != nil {
		log.Fatal(err)
	}
}
