package pipeline

import (
	"bufio"
	"bytes"
	"encoding/json"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// world is a line with a registry.
func world(t *testing.T) *Line {
	server := httptest.NewServer(NewRegistry("somebody").Handler())
	t.Cleanup(server.Close)
	return &Line{Folder: t.TempDir(), Registry: server.URL, Pod: "line-1", Out: &bytes.Buffer{}}
}

func (l *Line) seen(t *testing.T) (all struct {
	Batches []Batch
	Serving *Batch
}) {
	t.Helper()
	response, err := http.Get(l.Registry + "/")
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	if err := json.NewDecoder(response.Body).Decode(&all); err != nil {
		t.Fatal(err)
	}
	return all
}

// run goes through the line as a pod does: it ends at the first step that fails.
func (l *Line) run(t *testing.T, maxBad float64) error {
	t.Helper()
	if err := l.Ingest(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := l.Validate(t.Context(), maxBad); err != nil {
		return err
	}
	if err := l.Train(t.Context(), 0); err != nil {
		t.Fatal(err)
	}
	if err := l.Submit(t.Context()); err != nil {
		t.Fatal(err)
	}
	return nil
}

func TestAGateStopsEverySecondBatch(t *testing.T) {
	line := world(t)
	for number := 1; number <= 6; number++ {
		err := line.run(t, 0.05)
		if poisoned := number%2 == 0; poisoned != (err != nil) {
			t.Errorf("batch %d: %v", number, err)
		}
	}
	seen := line.seen(t)
	for _, b := range seen.Batches {
		if poisoned := b.Number%2 == 0; poisoned && (b.State != StateRejected || b.Training || b.BadPercent < 15 || b.BadPercent > 45 || b.Error != 0) {
			t.Errorf("a poisoned batch: %+v", b)
		} else if !poisoned && (b.State != StateTrained || !b.Training || b.Error > 2 || b.Refused) {
			t.Errorf("a good batch: %+v", b)
		}
	}
	if len(seen.Batches) != 6 || seen.Serving == nil || seen.Serving.Number != 5 || seen.Serving.Pod != "line-1" || seen.Serving.From != "127.0.0.1" {
		t.Errorf("got %+v", seen)
	}
}

func TestWithoutAGateAPoisonedModelServes(t *testing.T) {
	line := world(t)
	for range 2 {
		if err := line.run(t, 1); err != nil {
			t.Fatal(err)
		}
	}
	if serving := line.seen(t).Serving; serving.Number != 2 || serving.Error < 50 {
		t.Errorf("got %+v, want a model of batch 2 that is far off", serving)
	}
}

func TestWhatWasRefusedIsRememberedLonger(t *testing.T) {
	line := world(t)
	for range 2 {
		_ = line.run(t, 0.05) // the second is refused
	}
	for range maxBatches + 9 {
		if err := line.Ingest(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	batches := line.seen(t).Batches
	if len(batches) != maxBatches+1 || batches[0].Number != 2 || !batches[0].Refused || batches[1].Number != 12 {
		t.Errorf("%d batches that begin with %+v and %+v", len(batches), batches[0], batches[1])
	}
	if age := time.Since(batches[maxBatches].TakenAt); age < 0 || age > time.Minute {
		t.Errorf("the last was taken %v ago", age)
	}
}

func TestNoBatchIsWithoutDirt(t *testing.T) {
	if err := world(t).run(t, 0); err == nil || !strings.Contains(err.Error(), "rejected") {
		t.Errorf("got %v, want batch 1 to be rejected where nothing may be wrong", err)
	}
}

func TestARefusalIsRememberedThoughAModelFollows(t *testing.T) {
	line := world(t)
	if err := line.run(t, 0); err == nil {
		t.Fatal("batch 1 was accepted")
	}
	if err := line.Train(t.Context(), 0); err != nil {
		t.Fatal(err)
	}
	if err := line.Submit(t.Context()); err != nil {
		t.Fatal(err)
	}
	if b := line.seen(t).Batches[0]; b.State != StateTrained || !b.Refused {
		t.Errorf("got %+v", b)
	}
}

func TestStepsSayWhatIsMissing(t *testing.T) {
	line := world(t)
	if err := line.Train(t.Context(), 0); err == nil || !strings.Contains(err.Error(), "which ingest takes") {
		t.Errorf("train without a batch: %v", err)
	}
	if err := line.Ingest(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := line.Submit(t.Context()); err == nil || !strings.Contains(err.Error(), "which train writes") {
		t.Errorf("submit without a model: %v", err)
	}
}

func TestTheRegistryRefusesReportsOfOtherData(t *testing.T) {
	line := world(t)
	if err := line.Ingest(t.Context()); err != nil {
		t.Fatal(err)
	}
	other := filepath.Join(line.Folder, batchFile)
	if err := os.WriteFile(other, []byte("kilometers,minutes,fare\n1,1,1\n2,1,3\n5,9,1\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := line.Train(t.Context(), 0); err == nil || !strings.Contains(err.Error(), "another checksum") {
		t.Errorf("train: %v", err)
	}
	if err := line.write(modelFile, []byte("{}")); err != nil {
		t.Fatal(err)
	}
	if err := line.Submit(t.Context()); err == nil || !strings.Contains(err.Error(), "another checksum") {
		t.Errorf("submit: %v", err)
	}
	if _, err := line.tell(t.Context(), 7, "rejection", report{}); err == nil || !strings.Contains(err.Error(), "nobody has taken batch 7") {
		t.Errorf("got %v", err)
	}
}

func TestAStepWaitsForARegistryThatIsNotThereYet(t *testing.T) {
	listener, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := listener.Addr().String()
	if err := listener.Close(); err != nil {
		t.Fatal(err)
	}
	said, out := io.Pipe()
	line := &Line{Folder: t.TempDir(), Registry: "http://" + address, Pod: "line-1", Out: out}
	taken := make(chan error, 1)
	go func() { taken <- line.Ingest(t.Context()) }()
	lines := bufio.NewReader(said)
	if first, err := lines.ReadString('\n'); err != nil || !strings.HasPrefix(first, "trying again: dial tcp") {
		t.Errorf("it says %q, %v", first, err)
	}
	go func() { _, _ = io.Copy(io.Discard, lines) }() // whatever else it says
	if listener, err = (&net.ListenConfig{}).Listen(t.Context(), "tcp", address); err != nil {
		t.Fatal(err)
	}
	server := httptest.NewUnstartedServer(NewRegistry("somebody").Handler())
	server.Listener = listener
	server.Start()
	t.Cleanup(server.Close)
	if err := <-taken; err != nil {
		t.Error(err)
	}
}

func TestRidesSurviveAFile(t *testing.T) {
	rides, err := decoded(encoded(drawn("x", 2)))
	if err != nil || len(rides) != rowsOfBatch {
		t.Fatalf("%d rides, %v", len(rides), err)
	}
	for _, text := range []string{"", "kilometers,minutes,fare\n", "a,b,c\n1,2\n", "a,b,c\n1,2,x\n"} {
		if _, err := decoded([]byte(text)); err == nil {
			t.Errorf("%q are rides", text)
		}
	}
}

func TestTheRegistryTakesNoModelByHand(t *testing.T) {
	line := world(t)
	if err := line.Ingest(t.Context()); err != nil {
		t.Fatal(err)
	}
	byHand := func() error {
		if err := line.write(modelFile, []byte(`{"intercept":3,"perKilometer":1.2,"perMinute":0.3}`)); err != nil {
			t.Fatal(err)
		}
		return line.Submit(t.Context())
	}
	if err := byHand(); err == nil || !strings.Contains(err.Error(), "nobody has trained on batch 1") {
		t.Errorf("before training: %v", err)
	}
	if err := line.Train(t.Context(), 0); err != nil {
		t.Fatal(err)
	}
	if err := byHand(); err == nil || !strings.Contains(err.Error(), "training on batch 1 gives another model") {
		t.Errorf("in place of what was trained: %v", err)
	}
}
