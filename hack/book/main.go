// Book renders the exercises and the questions of a checkout as a static site: a page for each topic, with the answers folded
// away, and one for each exercise. It is for those who want the questions without a cluster, and for reviewers.
//
// It reads labs/*/exercise.yaml and content/*.yaml of the current folder and writes to the folder given by --out, which it makes
// and replaces.
package main

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
)

func main() {
	out := flag.String("out", "bin/book", "folder to write the site to, which is replaced")
	flag.Parse()
	if err := run(".", *out); err != nil {
		fmt.Fprintln(os.Stderr, "book:", err)
		os.Exit(1)
	}
}

func run(root, out string) error {
	book, err := Read(root)
	if err != nil {
		return err
	}
	files, err := Render(book)
	if err != nil {
		return err
	}
	if err := os.RemoveAll(out); err != nil {
		return err
	}
	for name, content := range files {
		file := filepath.Join(out, name)
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			return err
		}
		if err := os.WriteFile(file, content, 0o644); err != nil { //nolint:gosec // it is to be read by everybody
			return err
		}
	}
	fmt.Printf("%d topics, %d exercises and %d questions: open %s\n", len(book.Topics), len(book.Exercises), book.Questions(), filepath.Join(out, "index.html"))
	return nil
}
