package library

import (
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"github.com/lab-operator/lab-operator/internal/workload/service"
)

// NewCommand makes the subcommand library.
func NewCommand() *cobra.Command {
	var (
		library Library
		seed    uint64
		pages   int
		run     service.Service
	)
	command := &cobra.Command{
		Use:   "library",
		Short: "Lend the pages of a book, and check how its words were counted",
		Long: `Lend the pages of a book, and check how its words were counted.

GET /pages/N?app=ID lends a page as text to a Spark application; without app the page is lent and not counted. POST
/counts?app=ID&part=I&of=N takes a part of a result, a line for each word: the word, a space, how often it is in the book. A word
is a run of letters, and capitals make no difference. GET /report tells who read and wrote what for each application, and
how many words were counted right. /healthz and /readyz are for probes.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			switch {
			case pages < 1 || pages > 100:
				return fmt.Errorf("pages is %d: it must be from 1 to 100", pages)
			case library.Slow < 0 || library.Slow > time.Second:
				return fmt.Errorf("slow is %v: it must be from 0s to 1s", library.Slow)
			}
			library.Book = NewBook(seed, pages)
			run.Handler = library.Handler()
			return run.Run(cmd.Context(), cmd.OutOrStdout())
		},
	}
	flags := command.Flags()
	run.AddFlags(flags)
	flags.Uint64Var(&seed, "seed", 1, "what the book follows from")
	flags.IntVar(&pages, "pages", 8, "how many pages it has")
	flags.DurationVar(&library.Slow, "slow", 200*time.Millisecond, "how long a page and a part of a result take")
	return command
}
