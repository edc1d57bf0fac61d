package writelog

import (
	"context"
	"errors"
	"io"

	"github.com/lab-operator/lab-operator/internal/workload/service"
)

// Writer writes entries until its context ends. An error says that the log can't be kept.
type Writer interface {
	Run(ctx context.Context) error
}

// Run runs a writer and serves what it knows, until the context ends or the writer fails.
func Run[S any](ctx context.Context, writer Writer, server *Server[S], run *service.Service, out io.Writer) error {
	ctx, stop := context.WithCancel(ctx)
	ended := make(chan error, 1)
	go func() {
		ended <- writer.Run(ctx)
		stop()
	}()
	run.Handler, run.Unready = server.Handler(), server.Unready
	err := run.Run(ctx, out)
	stop()
	return errors.Join(err, <-ended)
}
