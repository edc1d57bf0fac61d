package shortener

import (
	"context"
	"strings"
	"sync/atomic"

	"github.com/redis/go-redis/v9"
)

// storeProcess is what is known of the process of Redis that the newest connection leads to. A Service and a flag can lead
// to any Redis, and only the process itself says which it is. It is safe for concurrent use.
type storeProcess struct{ id atomic.Value }

// learn asks for the run_id, which Redis draws when it starts. It is called for each new connection. A store that does
// not tell is no fault of the connection.
func (p *storeProcess) learn(ctx context.Context, connection *redis.Conn) error {
	id := ""
	if info, err := connection.Info(ctx, "server").Result(); err == nil {
		for line := range strings.Lines(info) {
			if value, ok := strings.CutPrefix(line, "run_id:"); ok {
				id = strings.TrimSpace(value)
			}
		}
	}
	p.id.Store(id)
	return nil
}

// runID is empty before the first connection.
func (p *storeProcess) runID() string {
	id, _ := p.id.Load().(string)
	return id
}
