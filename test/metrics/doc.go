// Package metrics holds the alerts, the dashboard and what is written about them to what the operator tells: promtool
// runs the tests of each alert, and a real Prometheus scrapes a real operator while a lab is lived.
package metrics
