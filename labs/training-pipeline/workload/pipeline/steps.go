package pipeline

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"time"
)

// Line is where the steps of one run find each other's work, and the registry.
type Line struct {
	// Folder on the volume that the steps share.
	Folder string
	// Registry is the URL of the registry, as in http://registry.
	Registry string
	// Pod that the step runs in.
	Pod string
	// Out is told what a step did, a line each.
	Out io.Writer
}

const (
	batchFile  = "batch.csv"
	numberFile = "batch.number"
	modelFile  = "model.json"
	// stepTimeout is how long a registry may take to answer, once it is reached.
	stepTimeout = 10 * time.Second
	// patience is how long a step tries to reach it: a Service takes a moment to be known on every node.
	patience = 30 * time.Second
)

// Ingest takes the next batch from the registry into the folder.
func (l *Line) Ingest(ctx context.Context) error {
	header, data, err := l.post(ctx, "/batches?pod="+l.Pod, nil)
	if err != nil {
		return fmt.Errorf("take a batch: %w", err)
	}
	number := header.Get(batchHeader)
	if err := l.write(numberFile, []byte(number)); err != nil {
		return err
	}
	if err := l.write(batchFile, data); err != nil {
		return err
	}
	fmt.Fprintf(l.Out, "took batch %s: %d bytes, checksum %s\n", number, len(data), checksum(data))
	return nil
}

// Validate tells the registry and fails where more than maxBad of the rides, a share from 0 to 1, are not plausible.
func (l *Line) Validate(ctx context.Context, maxBad float64) error {
	number, data, rides, err := l.batch()
	if err != nil {
		return err
	}
	bad := implausible(rides)
	share := float64(bad) / float64(len(rides))
	fmt.Fprintf(l.Out, "batch %d: %d of %d rides are not plausible, %.1f %%; up to %.1f %% are accepted\n", number, bad, len(rides), 100*share, 100*maxBad)
	if share <= maxBad {
		return nil
	}
	if _, err := l.tell(ctx, number, "rejection", report{Pod: l.Pod, Checksum: checksum(data)}); err != nil {
		return fmt.Errorf("reject batch %d: %w", number, err)
	}
	return fmt.Errorf("batch %d is rejected", number)
}

// Train tells the registry and fits a model to the batch. It takes at least the given time, as training a larger model would.
func (l *Line) Train(ctx context.Context, atLeast time.Duration) error {
	number, data, rides, err := l.batch()
	if err != nil {
		return err
	}
	if _, err := l.tell(ctx, number, "training", report{Pod: l.Pod, Checksum: checksum(data)}); err != nil {
		return fmt.Errorf("begin to train on batch %d: %w", number, err)
	}
	model, err := fitted(rides)
	if err != nil {
		return fmt.Errorf("train on batch %d: %w", number, err)
	}
	select {
	case <-time.After(atLeast):
	case <-ctx.Done():
		return ctx.Err()
	}
	text, err := json.Marshal(model)
	if err != nil {
		return fmt.Errorf("write the model: %w", err)
	}
	fmt.Fprintf(l.Out, "trained on batch %d: %s\n", number, text)
	return l.write(modelFile, text)
}

// Submit brings the model to the registry, which judges it and serves it from then on.
func (l *Line) Submit(ctx context.Context) error {
	number, data, _, err := l.batch()
	if err != nil {
		return err
	}
	text, err := os.ReadFile(filepath.Join(l.Folder, modelFile))
	if err != nil {
		return fmt.Errorf("read the model, which train writes: %w", err)
	}
	model := &Model{}
	if err := json.Unmarshal(text, model); err != nil {
		return fmt.Errorf("read the model: %w", err)
	}
	judged, err := l.tell(ctx, number, "model", report{Pod: l.Pod, Checksum: checksum(data), Model: model})
	if err != nil {
		return fmt.Errorf("submit the model of batch %d: %w", number, err)
	}
	fmt.Fprintf(l.Out, "the model of batch %d serves: it is off by %.2f euros\n", number, judged.Error)
	return nil
}

// batch reads what ingest has taken.
func (l *Line) batch() (number int, data []byte, rides []ride, err error) {
	text, err := os.ReadFile(filepath.Join(l.Folder, numberFile))
	if err != nil {
		return 0, nil, nil, fmt.Errorf("read the batch, which ingest takes: %w", err)
	}
	if number, err = strconv.Atoi(string(text)); err != nil {
		return 0, nil, nil, fmt.Errorf("read the number of the batch: %w", err)
	}
	if data, err = os.ReadFile(filepath.Join(l.Folder, batchFile)); err != nil {
		return 0, nil, nil, fmt.Errorf("read the batch: %w", err)
	}
	rides, err = decoded(data)
	return number, data, rides, err
}

// write makes a file whole or not at all: the step that reads it may run at the same time.
func (l *Line) write(name string, data []byte) error {
	path := filepath.Join(l.Folder, name)
	if err := os.WriteFile(path+".part", data, 0o644); err != nil {
		return fmt.Errorf("write %s: %w", name, err)
	}
	if err := os.Rename(path+".part", path); err != nil {
		return fmt.Errorf("write %s: %w", name, err)
	}
	return nil
}

func (l *Line) tell(ctx context.Context, number int, what string, said report) (*Batch, error) {
	body, err := json.Marshal(said)
	if err != nil {
		return nil, err
	}
	_, data, err := l.post(ctx, fmt.Sprintf("/batches/%d/%s", number, what), body)
	if err != nil {
		return nil, err
	}
	b := &Batch{}
	return b, json.Unmarshal(data, b)
}

// post sends a body, which may be nil, and reads the answer with its header. A status other than 200 is an error.
func (l *Line) post(ctx context.Context, path string, body []byte) (http.Header, []byte, error) {
	for began := time.Now(); ; {
		header, data, err := l.postOnce(ctx, path, body)
		var failed *net.OpError
		// Only what never reached the registry is sent again.
		if !errors.As(err, &failed) || failed.Op != "dial" || time.Since(began) > patience {
			return header, data, err
		}
		fmt.Fprintln(l.Out, "trying again:", failed)
		select {
		case <-time.After(time.Second):
		case <-ctx.Done():
			return nil, nil, err
		}
	}
}

func (l *Line) postOnce(ctx context.Context, path string, body []byte) (http.Header, []byte, error) {
	ctx, cancel := context.WithTimeout(ctx, stepTimeout)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, l.Registry+path, bytes.NewReader(body))
	if err != nil {
		return nil, nil, err
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return nil, nil, err
	}
	defer response.Body.Close()
	data, err := io.ReadAll(io.LimitReader(response.Body, 1<<20))
	if err != nil {
		return nil, nil, err
	}
	if response.StatusCode != http.StatusOK {
		return nil, nil, fmt.Errorf("the registry answers %s: %s", response.Status, bytes.TrimSpace(data))
	}
	return response.Header, data, nil
}
