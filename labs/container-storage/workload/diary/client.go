package diary

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/spf13/cobra"
)

// patience is how long a client waits for an answer.
const patience = 10 * time.Second

func newWriteCommand() *cobra.Command {
	return newClientCommand("write TEXT", "Write an entry", 1, func(ctx context.Context, base string, args []string) (string, error) {
		return ask(ctx, http.MethodPost, base+"/entries", args[0])
	})
}

func newReadCommand() *cobra.Command {
	return newClientCommand("read", "Show all entries", 0, func(ctx context.Context, base string, _ []string) (string, error) {
		return ask(ctx, http.MethodGet, base+"/", "")
	})
}

func newCrashCommand() *cobra.Command {
	return newClientCommand("crash", "End the service with an error, as a crash would", 0, func(ctx context.Context, base string, _ []string) (string, error) {
		answer, err := ask(ctx, http.MethodPost, base+"/crash", "")
		if err == nil || errors.Is(err, context.DeadlineExceeded) {
			return "", fmt.Errorf("the diary did not crash: it answers %q", answer)
		}
		return "the diary has crashed\n", nil
	})
}

func newClientCommand(use, short string, arguments int, do func(ctx context.Context, base string, args []string) (string, error)) *cobra.Command {
	var base string
	command := &cobra.Command{
		Use: use, Short: short, Args: cobra.ExactArgs(arguments),
		RunE: func(cmd *cobra.Command, args []string) error {
			ctx, cancel := context.WithTimeout(cmd.Context(), patience)
			defer cancel()
			answer, err := do(ctx, base, args)
			if err != nil {
				return err
			}
			_, err = io.WriteString(cmd.OutOrStdout(), answer)
			return err
		},
	}
	command.Flags().StringVar(&base, "url", "http://127.0.0.1:8080", "where the diary is served")
	return command
}

// ask makes a request, and returns what was answered.
func ask(ctx context.Context, method, url, body string) (string, error) {
	request, err := http.NewRequestWithContext(ctx, method, url, strings.NewReader(body))
	if err != nil {
		return "", fmt.Errorf("ask the diary: %w", err)
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return "", fmt.Errorf("ask the diary: %w", err)
	}
	defer response.Body.Close()
	answer, err := io.ReadAll(response.Body)
	if err != nil {
		return "", fmt.Errorf("ask the diary: %w", err)
	}
	if response.StatusCode != http.StatusOK {
		return "", fmt.Errorf("the diary answers %s: %s", response.Status, strings.TrimSpace(string(answer)))
	}
	return string(answer), nil
}
