package metrics

import (
	"encoding/json"
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"
)

// dashboard is one of Grafana's, as far as it is looked at here.
type dashboard struct {
	Title  string  `json:"title"`
	UID    string  `json:"uid"`
	Panels []panel `json:"panels"`
}

type panel struct {
	ID          int      `json:"id"`
	Type        string   `json:"type"`
	Title       string   `json:"title"`
	Description string   `json:"description"`
	GridPos     grid     `json:"gridPos"`
	Targets     []target `json:"targets"`
}

type grid struct {
	X, Y, W, H int
}

type target struct {
	Expr string `json:"expr"`
}

// healthRow is the title of the row about the operator; the one above it is about learners.
const healthRow = "The operator's health"

// theDashboard is read out of the ConfigMap, as Grafana's sidecar does it.
func theDashboard(t *testing.T) dashboard {
	t.Helper()
	config := decoded[corev1.ConfigMap](t, built(t, "config/grafana")["ConfigMap"])
	if config.Labels["grafana_dashboard"] != "1" {
		t.Errorf("the ConfigMap has no label grafana_dashboard=1: %v", config.Labels)
	}
	var board dashboard
	if err := json.Unmarshal([]byte(config.Data["lab-operator.json"]), &board); err != nil {
		t.Fatal(err)
	}
	return board
}

// query is an expression of a panel as Grafana sends it: its variables have values.
func (t target) query() string {
	return strings.NewReplacer("$topic", ".*", "$__rate_interval", "1m", "$__range", "10m").Replace(t.Expr)
}

func TestDashboardIsReadable(t *testing.T) {
	board := theDashboard(t)
	var rows []string
	taken, ids := map[[2]int]string{}, map[int]bool{}
	for _, p := range board.Panels {
		if ids[p.ID] {
			t.Errorf("%s: another panel has its id", p.Title)
		}
		ids[p.ID] = true
		if p.GridPos.X+p.GridPos.W > 24 {
			t.Errorf("%s: it ends beyond the right edge", p.Title)
		}
		for x := p.GridPos.X; x < p.GridPos.X+p.GridPos.W; x++ {
			for y := p.GridPos.Y; y < p.GridPos.Y+p.GridPos.H; y++ {
				if other, occupied := taken[[2]int{x, y}]; occupied {
					t.Fatalf("%s lies over %s", p.Title, other)
				}
				taken[[2]int{x, y}] = p.Title
			}
		}
		if p.Type == "row" {
			rows = append(rows, p.Title)
			continue
		}
		if p.Title == "" || p.Description == "" || len(p.Targets) == 0 {
			t.Errorf("panel %d (%s): it needs a title, a description and a query", p.ID, p.Title)
		}
		for _, target := range p.Targets {
			if strings.Contains(target.query(), "$") {
				t.Errorf("%s: a variable that nobody knows: %s", p.Title, target.Expr)
			}
		}
	}
	if len(rows) != 2 || rows[0] != "Learners' progress" || rows[1] != healthRow {
		t.Errorf("rows: %v", rows)
	}
	if board.UID == "" || board.Title == "" {
		t.Error("it has no uid or no title")
	}
}
