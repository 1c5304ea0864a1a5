// Command gen writes the list of common passwords that the package commonpass
// embeds, and the licence of its source beside it.
//
// It needs npm and the registry. It runs no code of the package it fetches, and
// compares the archive with a digest that stands here, so that the list changes
// only when this file does. To move to another version, change release and take
// digest from "npm view @zxcvbn-ts/language-common@VERSION dist.integrity".
package main

import (
	"bytes"
	"crypto/sha512"
	"encoding/base64"
	"fmt"
	"log"
	"os"
	"os/exec"
	"path/filepath"
)

const (
	release = "@zxcvbn-ts/language-common@4.1.3"
	digest  = "g2bg4skmlJG9aJqC/nWziZzgYpSe/f3rKeGobrkdFiOrfZVFqqzUgC6BUQWuX54Sua9j0Jxxt+1bf4f/Mal1Kg=="
)

func main() {
	log.SetFlags(0)
	log.SetPrefix("commonpass/gen: ")
	if err := run(); err != nil {
		log.Fatal(err)
	}
}

// run writes into the working directory, which go generate sets to the package.
func run() error {
	archive, err := fetch()
	if err != nil {
		return err
	}
	files, err := unpack(archive, "package/src/passwords.json", "package/LICENSE.txt")
	if err != nil {
		return err
	}
	list, err := filter(files["package/src/passwords.json"])
	if err != nil {
		return err
	}
	log.Printf("%d passwords from %s", bytes.Count(list, []byte("\n")), release)
	if err := os.WriteFile("passwords.txt", list, 0o644); err != nil {
		return err
	}
	return os.WriteFile("LICENSE.zxcvbn-ts", files["package/LICENSE.txt"], 0o644)
}

// fetch returns the archive of the release as npm packs it, once its digest is
// right.
func fetch() ([]byte, error) {
	dir, err := os.MkdirTemp("", "commonpass")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	cmd := exec.Command("npm", "pack", release, "--silent", "--ignore-scripts", "--pack-destination", dir)
	cmd.Stderr = os.Stderr
	if err := cmd.Run(); err != nil {
		return nil, fmt.Errorf("npm pack: %w", err)
	}
	found, err := filepath.Glob(filepath.Join(dir, "*.tgz"))
	if err != nil || len(found) != 1 {
		return nil, fmt.Errorf("npm pack left %d archives, want 1", len(found))
	}
	archive, err := os.ReadFile(found[0])
	if err != nil {
		return nil, err
	}
	sum := sha512.Sum512(archive)
	if got := base64.StdEncoding.EncodeToString(sum[:]); got != digest {
		return nil, fmt.Errorf("the digest of %s is %s, want %s", release, got, digest)
	}
	return archive, nil
}
