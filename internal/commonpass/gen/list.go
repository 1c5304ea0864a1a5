package main

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// minLength is the shortest password that any policy of ours allows, in code
// points; what is shorter is refused for its length.
const minLength = 8

// filter turns the dictionary, a JSON array of strings, into lines: lower case,
// in byte order, each once.
func filter(dictionary []byte) ([]byte, error) {
	var words []string
	if err := json.Unmarshal(dictionary, &words); err != nil {
		return nil, err
	}
	var list []string
	for _, word := range words {
		word = strings.ToLower(word)
		if utf8.RuneCountInString(word) < minLength {
			continue
		}
		if strings.ContainsFunc(word, unicode.IsControl) || strings.ContainsRune(word, utf8.RuneError) {
			return nil, fmt.Errorf("%q does not fit on a line", word)
		}
		list = append(list, word)
	}
	slices.Sort(list)
	list = slices.Compact(list)
	if len(list) == 0 {
		return nil, fmt.Errorf("no password has %d code points", minLength)
	}
	return []byte(strings.Join(list, "\n") + "\n"), nil
}

// unpack returns the contents of the named files of a gzipped tar archive, all
// of which must be there.
func unpack(archive []byte, names ...string) (map[string][]byte, error) {
	zr, err := gzip.NewReader(bytes.NewReader(archive))
	if err != nil {
		return nil, err
	}
	files := make(map[string][]byte)
	for tr := tar.NewReader(zr); len(files) < len(names); {
		header, err := tr.Next()
		if err == io.EOF {
			return nil, fmt.Errorf("the archive has %d of the files %v", len(files), names)
		}
		if err != nil {
			return nil, err
		}
		if !slices.Contains(names, header.Name) {
			continue
		}
		if files[header.Name], err = io.ReadAll(tr); err != nil {
			return nil, err
		}
	}
	return files, nil
}
