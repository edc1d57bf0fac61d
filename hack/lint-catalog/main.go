// Lint-catalog finds what is wrong with the exercises, topics and answer keys of a checkout, without a cluster.
//
// Without arguments it looks at labs/*/exercise.yaml and content/*.yaml of the current folder. With files as arguments it
// looks at them together with the catalog, and tells what is wrong with these files alone. It exits with 1 when something
// has to be corrected, and with 2 when a file cannot be read. With --rules it prints the rules, as a table in Markdown; with
// --counts it also prints how many questions there are by topic, type and difficulty.
package main

import (
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/lab-operator/lab-operator/api/v1beta1"
	"github.com/lab-operator/lab-operator/internal/lint"
	"github.com/lab-operator/lab-operator/internal/quiz"
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
	counts := flags.Bool("counts", false, "print how many questions there are by topic, type and difficulty")
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
		report.Suppressed = slices.DeleteFunc(report.Suppressed, elsewhere)
	}
	show(report, out)
	if *counts {
		if err := showCounts(report.Bank, out); err != nil {
			fmt.Fprintln(errOut, err)
			return unreadable
		}
	}
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
	if n := len(report.Suppressed); n > 0 {
		counts = append(counts, fmt.Sprintf("%d allowed by comments", n))
	}
	fmt.Fprintf(out, "%s in %s, %s and %s\n", strings.Join(counts, ", "), count(report.Exercises, "exercise"), count(report.Topics, "topic"),
		count(report.Questions, "question"))
}

// showCounts prints a table of the questions, as kubectl would.
func showCounts(bank []lint.TopicCount, out io.Writer) error {
	var types []v1beta1.QuestionType
	for _, form := range quiz.Forms() {
		types = append(types, form.Type)
	}
	difficulties := []v1beta1.Difficulty{v1beta1.DifficultyBeginner, v1beta1.DifficultyIntermediate, v1beta1.DifficultyAdvanced}
	all := lint.TopicCount{Topic: "all", Types: map[v1beta1.QuestionType]int{}, Difficulties: map[v1beta1.Difficulty]int{}}
	table := tabwriter.NewWriter(out, 0, 0, 3, ' ', 0)
	fmt.Fprint(table, "TOPIC\tQUESTIONS")
	for _, is := range types {
		fmt.Fprint(table, "\t", strings.ToUpper(string(is)))
	}
	fmt.Fprintln(table, "\tLIVE\tBEGINNER\tINTERMEDIATE\tADVANCED")
	line := func(topic lint.TopicCount) {
		fmt.Fprintf(table, "%s\t%d", topic.Topic, topic.Questions)
		for _, is := range types {
			fmt.Fprintf(table, "\t%d", topic.Types[is])
		}
		fmt.Fprintf(table, "\t%d", topic.Live)
		for _, difficulty := range difficulties {
			fmt.Fprintf(table, "\t%d", topic.Difficulties[difficulty])
		}
		fmt.Fprintln(table)
	}
	for _, topic := range bank {
		line(topic)
		all.Questions += topic.Questions
		all.Live += topic.Live
		for is, n := range topic.Types {
			all.Types[is] += n
		}
		for difficulty, n := range topic.Difficulties {
			all.Difficulties[difficulty] += n
		}
	}
	line(all)
	return table.Flush()
}

func count(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}
