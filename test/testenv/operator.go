package testenv

import (
	"context"
	"fmt"

	"k8s.io/client-go/rest"

	"github.com/lab-operator/lab-operator/internal/guardrail"
	"github.com/lab-operator/lab-operator/internal/operator"
)

// Accounts of the operator, as an API server knows them.
const (
	// OperatorAccount is the account of the operator: tests give it no more rights than it has in a
	// cluster.
	OperatorAccount = "system:serviceaccount:" + OperatorNamespace + ":" + guardrail.OperatorServiceAccount
	// DeployerAccount is the account that applies the setup of exercises.
	DeployerAccount = "system:serviceaccount:" + OperatorNamespace + ":" + guardrail.DefaultDeployer
)

// Impersonate returns a configuration for the same API server under another account.
func Impersonate(config *rest.Config, account string) *rest.Config {
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

// Stop stops the operator, and returns the error with which it ended. It can be called once.
func (o *Operator) Stop() error {
	o.cancel()
	if err := <-o.ended; err != nil {
		return fmt.Errorf("run the operator: %w", err)
	}
	return nil
}
