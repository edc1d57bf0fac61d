package world

import (
	"context"
	"fmt"

	"k8s.io/client-go/rest"

	"github.com/lab-operator/lab-operator/internal/guardrail"
	"github.com/lab-operator/lab-operator/internal/operator"
)

// Accounts of a cluster, as an API server knows them.
const (
	// OperatorAccount is who the operator is: tests give it no more rights than it has there.
	OperatorAccount = "system:serviceaccount:" + OperatorNamespace + ":" + guardrail.OperatorServiceAccount
	// DeployerAccount is as whom it sets exercises up.
	DeployerAccount = "system:serviceaccount:" + OperatorNamespace + ":" + guardrail.DefaultDeployer
)

// As is the same way to an API server under another account.
func As(config *rest.Config, account string) *rest.Config {
	config = rest.CopyConfig(config)
	config.Impersonate = rest.ImpersonationConfig{UserName: account}
	return config
}

// Operator is one operator in the process of the test.
type Operator struct {
	cancel context.CancelFunc
	ended  chan error
}

// RunOperator starts an operator as it runs in a cluster. Of the options, the namespace is set here, metrics are served only
// where there is an address for them, and there may be one operator after the other.
func RunOperator(config *rest.Config, options operator.Options) (*Operator, error) {
	options.Namespace, options.SkipNameValidation = OperatorNamespace, true
	if options.MetricsAddress == "" {
		options.MetricsAddress = "0"
	}
	manager, err := operator.New(config, options)
	if err != nil {
		return nil, fmt.Errorf("make the operator: %w", err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	o := &Operator{cancel: cancel, ended: make(chan error, 1)}
	go func() { o.ended <- manager.Start(ctx) }()
	return o, nil
}

// Stop ends the operator, and returns when it has ended, with what it failed of. It can be called once.
func (o *Operator) Stop() error {
	o.cancel()
	if err := <-o.ended; err != nil {
		return fmt.Errorf("run the operator: %w", err)
	}
	return nil
}
