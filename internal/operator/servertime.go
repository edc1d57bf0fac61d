package operator

import (
	"context"
	"fmt"
	"net/http"
	"time"

	"k8s.io/client-go/rest"
)

// serverTime asks for the API server's time. It is in the header of every answer, whatever else the answer says.
func serverTime(cluster *rest.Config, client *http.Client) func(context.Context) (time.Time, error) {
	return func(ctx context.Context) (time.Time, error) {
		address, _, err := rest.DefaultServerUrlFor(cluster)
		if err != nil {
			return time.Time{}, fmt.Errorf("read the address of the API server: %w", err)
		}
		request, err := http.NewRequestWithContext(ctx, http.MethodGet, address.JoinPath("version").String(), nil)
		if err != nil {
			return time.Time{}, fmt.Errorf("make a request: %w", err)
		}
		response, err := client.Do(request)
		if err != nil {
			return time.Time{}, err
		}
		defer response.Body.Close()
		now, err := http.ParseTime(response.Header.Get("Date"))
		if err != nil {
			return time.Time{}, fmt.Errorf("read the time in the API server's answer: %w", err)
		}
		return now, nil
	}
}
