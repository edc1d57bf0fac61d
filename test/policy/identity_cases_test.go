package policy

import "github.com/lab-operator/lab-operator/api/v1beta1"

// Accounts with the names of the operator's and the deployer's, in a namespace where a learner makes accounts. RBAC gives
// them every ordinary right: what they lack are the verbs by which the policies know the operator.
const (
	falseOperator = "system:serviceaccount:" + labNamespace + ":lab-operator"
	falseDeployer = "system:serviceaccount:" + labNamespace + ":lab-deployer"
)

// identityAttempts are made by accounts that only have the right name.
func identityAttempts() map[string]attempt {
	const (
		guardrails = "lab-operator-guardrails"
		belongs    = "rules belongs to the lab itself: it cannot be changed or deleted"
	)
	rules := configMap(labNamespace, "rules")
	return map[string]attempt{
		"another lab-operator changes no protected object": mayNot(falseOperator, merge(rules, `{"data":{"rule":"2"}}`), guardrails, belongs),
		"another lab-deployer changes no protected object": mayNot(falseDeployer, merge(rules, `{"data":{"rule":"2"}}`), guardrails, belongs),
		"another lab-operator creates no lab's namespace": mayNot(falseOperator, create(namespace("lab-new", map[string]string{v1beta1.LabUIDLabel: "uid"})),
			"lab-operator-namespaces", "only the operator creates namespaces with the label"),
		"another lab-operator changes no label of a Lab": mayNot(falseOperator, merge(lab("hpa"), metadata("labels", map[string]any{"class": "b"})),
			"lab-operator-labs", "a learner changes only spec.answers and spec.environment of a Lab, not its labels"),
		"another lab-operator is not fenced in": may(falseOperator, create(configMap("default", "new"))),
	}
}
