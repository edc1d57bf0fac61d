package adapters

import (
	"context"
	"errors"
	"maps"
	"net"
	"slices"
	"strings"

	"github.com/redis/go-redis/v9"
	"github.com/redis/go-redis/v9/logging"
	"github.com/redis/go-redis/v9/maintnotifications"

	"github.com/lab-operator/lab-operator/api/v1beta1"
	"github.com/lab-operator/lab-operator/internal/evidence/probe"
	"github.com/lab-operator/lab-operator/internal/text"
)

func redisAdapter() probe.Adapter {
	// Learners' servers could fill the operator's log. What goes wrong is in the error that a command returns.
	logging.Disable()
	return probe.Adapter{
		Name: "redis",
		Fields: []probe.Field{
			{Name: "replies", Type: "map", Doc: "what the server answered to the commands, by their names; no entry where it answered with an error"},
			{Name: "replies.<name>", Type: "dyn", Doc: "an int, a string, a list, null where there is nothing; for HGETALL and CONFIG GET a map"},
			{Name: "replies.<name>.<field>", Type: "dyn", Doc: "a line of INFO or CLUSTER INFO: an int, a string, or a map where the line is as in keys=5,expires=0"},
			{Name: "errors", Type: "map", Doc: "the errors that the server answered with, by the names of the commands, as in \"CLUSTERDOWN The cluster is down\""},
			{Name: "errors.<name>", Type: "string", Doc: "the error that the server answered to one command with"},
		},
		Keys: func(field string, spec *v1beta1.ProbeEvidence) []string {
			if field == "replies" || field == "errors" {
				return slices.Sorted(maps.Keys(spec.Redis.Commands))
			}
			return nil
		},
		Probe: func(ctx context.Context, dialer probe.Dialer, spec *v1beta1.ProbeEvidence) (map[string]any, error) {
			return probeRedis(ctx, dialer, *spec.Target, spec.Redis)
		},
	}
}

func probeRedis(ctx context.Context, dialer probe.Dialer, target v1beta1.ProbeTarget, spec *v1beta1.RedisEvidence) (map[string]any, error) {
	login, err := redisLogin(ctx, dialer, spec.Secret)
	if err != nil {
		return nil, err
	}
	s := newSession(dialer, target)
	defer s.close()
	conn, err := s.connect(ctx, target, &respInspector{about: s.about})
	if err != nil {
		return nil, s.failure(ctx, err)
	}
	client := redis.NewClient(redisOptions(conn))
	defer client.Close() //nolint:errcheck // nothing is written
	// One connection for all commands: the client would make a new one where it mistrusts the one it has.
	one := client.Conn()
	defer one.Close() //nolint:errcheck // nothing is written
	if login != nil {
		if err := one.Do(ctx, login...).Err(); isRedisError(err) {
			// What the server says of it could repeat the password.
			return nil, probe.Failf(probe.Unauthorized, "%s does not accept the password of Secret %s", s.about, spec.Secret)
		} else if err != nil {
			return nil, s.failure(ctx, err)
		}
	}
	return askRedis(ctx, s, one, spec)
}

// askRedis sends the commands, one after the other.
func askRedis(ctx context.Context, s *session, conn *redis.Conn, spec *v1beta1.RedisEvidence) (map[string]any, error) {
	replies, refusals := map[string]any{}, map[string]any{}
	values := map[string]any{"replies": replies, "errors": refusals}
	var failure error
	for _, name := range slices.Sorted(maps.Keys(spec.Commands)) {
		if problem := CommandProblem(spec.Commands[name]); problem != "" {
			refusals[name] = problem
			continue
		}
		command := strings.Fields(spec.Commands[name])
		reply, err := conn.Do(ctx, arguments(command)...).Result()
		switch {
		case errors.Is(err, redis.Nil):
			replies[name] = nil
		case isRedisError(err):
			refusals[name] = text.Valid(err.Error())
			if strings.HasPrefix(err.Error(), "NOAUTH") {
				failure = probe.Failf(probe.Unauthorized, "%s answers nothing without a password", s.about)
			}
		case err != nil:
			return values, s.failure(ctx, err)
		default:
			if replies[name], err = redisValue(s.about, command, reply); err != nil {
				delete(replies, name)
				return values, err
			}
		}
		if err := bound(s.about, values); err != nil {
			delete(replies, name)
			delete(refusals, name)
			return values, err
		}
	}
	return values, failure
}

// redisOptions are those of a client with one connection, which is made already, and without anything that goes on by
// itself.
func redisOptions(conn net.Conn) *redis.Options {
	return &redis.Options{
		Addr:                     "made-already",
		Dialer:                   func(context.Context, string, string) (net.Conn, error) { return conn, nil },
		Protocol:                 2,
		DisableIdentity:          true,
		MaintNotificationsConfig: &maintnotifications.Config{Mode: maintnotifications.ModeDisabled},
		MaxRetries:               -1,
		DialerRetries:            1,
		PoolSize:                 1,
		PipelinePoolSize:         -1,
		// The connection ends with the context.
		ContextTimeoutEnabled: true,
		ReadTimeout:           -1,
		WriteTimeout:          -1,
	}
}

// redisLogin is the command with the credentials of a Secret, nil where none is named. It is sent as any other command:
// the client tries more than one way to log in, and tells their errors in its own words.
func redisLogin(ctx context.Context, dialer probe.Dialer, secret string) ([]any, error) {
	if secret == "" {
		return nil, nil
	}
	data, err := dialer.Secret(ctx, secret)
	if err != nil {
		return nil, err
	}
	password, ok := data["password"]
	switch username := data["username"]; {
	case !ok:
		return nil, probe.Failf(probe.NotFound, "Secret %s has no key password", secret)
	case len(username) > 0:
		return []any{"AUTH", string(username), string(password)}, nil
	}
	return []any{"AUTH", string(password)}, nil
}

// isRedisError tells an error that the server answered with from one of the connection.
func isRedisError(err error) bool {
	var answered redis.Error
	return errors.As(err, &answered)
}

func arguments(command []string) []any {
	all := make([]any, len(command))
	for i, word := range command {
		all[i] = word
	}
	return all
}
