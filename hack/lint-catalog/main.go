// Lint-catalog finds what is wrong with the exercises, topics and answer keys of a checkout, without a cluster.
//
// Without arguments it looks at labs/*/exercise.yaml and content/*.yaml of the current folder. With files as arguments it
// looks at them together with the catalog, and tells what is wrong with these files alone. It exits with 1 when something
// has to be corrected, and with 2 when a file cannot be read. With --rules it prints the rules, as a table in Markdown.
package main

import (
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/lab-operator/lab-operator/internal/catalog/lint"
)

// Codes to exit with.
const (
	fine       = 0
	defective  = 1
	unreadable = 2
)

func main() {
	os.Exit(run(os.Args[1:], os.Stdout, os.Stderr))
}

func run(args []string, out, errOut io.Writer) int {
	flags := flag.NewFlagSet("lint-catalog", flag.ContinueOnError)
	flags.SetOutput(errOut)
	rules := flags.Bool("rules", false, "print the rules, as a table in Markdown")
	if err := flags.Parse(args); err != nil {
		return unreadable
	}
	if *rules {
		showRules(out)
		return fine
	}
	catalog, err := catalogFiles()
	if err != nil {
		fmt.Fprintln(errOut, err)
		return unreadable
	}
	given := make([]string, 0, flags.NArg())
	for _, file := range flags.Args() {
		given = append(given, asInCatalog(file, catalog))
	}
	files := slices.Concat(catalog, given)
	if len(files) == 0 {
		fmt.Fprintln(errOut, "there is no labs/*/exercise.yaml and no content/*.yaml here: run it in the root of the checkout, or name files")
		return unreadable
	}
	report, err := lint.Run(files)
	if err != nil {
		fmt.Fprintln(errOut, err)
		return unreadable
	}
	if len(given) > 0 {
		elsewhere := func(f lint.Finding) bool { return !slices.Contains(given, f.File) }
		report.Findings = slices.DeleteFunc(report.Findings, elsewhere)
		report.Notes = slices.DeleteFunc(report.Notes, elsewhere)
		report.Allowed = slices.DeleteFunc(report.Allowed, elsewhere)
	}
	show(report, out)
	if len(report.Findings) > 0 {
		return defective
	}
	return fine
}

// catalogFiles are the files of the catalog in the current folder.
func catalogFiles() ([]string, error) {
	var files []string
	for _, pattern := range []string{"labs/*/exercise.yaml", "content/*.yaml"} {
		matches, err := filepath.Glob(pattern)
		if err != nil {
			return nil, fmt.Errorf("look for the catalog: %w", err)
		}
		files = append(files, matches...)
	}
	return files, nil
}

// asInCatalog is a file by the name that it has in the catalog, if it is part of it, so that it is not read twice.
func asInCatalog(file string, catalog []string) string {
	given, err := os.Stat(file)
	if err != nil {
		return file
	}
	for _, known := range catalog {
		if info, err := os.Stat(known); err == nil && os.SameFile(given, info) {
			return known
		}
	}
	return file
}

// showRules prints the rules as a table.
func showRules(out io.Writer) {
	fmt.Fprintln(out, "| rule | finds | why | write instead |")
	fmt.Fprintln(out, "|---|---|---|---|")
	for _, rule := range lint.Rules() {
		fmt.Fprintf(out, "| `%s` | %s | %s | %s |\n", rule.Name, rule.Finds, rule.Why, rule.Instead)
	}
}

// show prints a report: findings, then notes, then counts.
func show(report lint.Report, out io.Writer) {
	for _, finding := range report.Findings {
		fmt.Fprintln(out, finding)
	}
	for _, note := range report.Notes {
		fmt.Fprintln(out, "note:", note)
	}
	counts := []string{count(len(report.Findings), "finding")}
	if len(report.Notes) > 0 {
		counts = append(counts, count(len(report.Notes), "note"))
	}
	if n := len(report.Allowed); n > 0 {
		counts = append(counts, fmt.Sprintf("%d allowed by comments", n))
	}
	fmt.Fprintf(out, "%s in %s, %s and %s\n", strings.Join(counts, ", "), count(report.Exercises, "exercise"), count(report.Topics, "topic"),
		count(report.Questions, "question"))
}

func count(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}
