package policy

import (
	"crypto/ed25519"
	"crypto/rand"
	"crypto/x509"
	"encoding/base64"
)

// aPod and aClaim are the specs of what pod security and validation let pass.
const (
	aPod = `{securityContext: {runAsNonRoot: true, seccompProfile: {type: RuntimeDefault}},
		containers: [{name: main, image: "web:1", securityContext: {allowPrivilegeEscalation: false, capabilities: {drop: [ALL]}}}]}`
	aJob      = `{template: {spec: {restartPolicy: Never, containers: [{name: main, image: "web:1"}]}}}`
	aClaim    = `{accessModes: [ReadWriteOnce], resources: {requests: {storage: 1Mi}}}`
	aTemplate = `{metadata: {labels: {app: a}}, spec: {containers: [{name: main, image: "web:1"}]}}`
	aSet      = `{spec: {selector: {matchLabels: {app: a}}, template: ` + aTemplate + `}}`
)

// examples are the least that the API server takes of each kind of a namespace. The kind, the name and the version are
// added.
func examples() map[string]string {
	return map[string]string{
		"AnswerKey":               `{spec: {topic: new, answers: [{id: new-01, choice: a, modelAnswer: Because.}]}}`,
		"Binding":                 `{target: {kind: Node, name: one}}`,
		"ConfigMap":               `{}`,
		"ControllerRevision":      `{revision: 1, data: {}}`,
		"CronJob":                 `{spec: {schedule: "* * * * *", jobTemplate: {spec: ` + aJob + `}}}`,
		"CSIStorageCapacity":      `{storageClassName: a}`,
		"DaemonSet":               aSet,
		"Deployment":              aSet,
		"Endpoints":               `{}`,
		"EndpointSlice":           `{addressType: IPv4, endpoints: []}`,
		"Event":                   `{involvedObject: {namespace: lab-hpa}, regarding: {namespace: lab-hpa}, eventTime: "2026-01-01T00:00:00.000000Z", type: Normal, reason: A, action: A, reportingController: a, reportingInstance: a, reportingComponent: a}`,
		"HorizontalPodAutoscaler": `{spec: {maxReplicas: 1, scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: a}}}`,
		"Ingress":                 `{spec: {defaultBackend: {service: {name: a, port: {number: 80}}}}}`,
		"Job":                     `{spec: ` + aJob + `}`,
		"Lab":                     `{spec: {topic: kubernetes}}`,
		"Lease":                   `{}`,
		"LimitRange":              `{spec: {limits: []}}`,
		"NetworkPolicy":           `{spec: {podSelector: {}}}`,
		"PersistentVolumeClaim":   `{spec: ` + aClaim + `}`,
		"PodCertificateRequest": `{spec: {signerName: example.com/signer, podName: a, podUID: a, serviceAccountName: a, serviceAccountUID: a, nodeName: a, nodeUID: a,
			maxExpirationSeconds: 3600, stubPKCS10Request: ` + signingRequest() + `}}`,
		"Pod":                   `{spec: ` + aPod + `}`,
		"PodDisruptionBudget":   `{spec: {maxUnavailable: 1, selector: {matchLabels: {app: a}}}}`,
		"PodTemplate":           `{template: ` + aTemplate + `}`,
		"ReplicaSet":            aSet,
		"ReplicationController": `{spec: {selector: {app: a}, template: ` + aTemplate + `}}`,
		"ResourceClaim":         `{spec: {}}`,
		"ResourceClaimTemplate": `{spec: {spec: {}}}`,
		"ResourceQuota":         `{}`,
		"LabReview":             `{spec: {lab: hpa}}`,
		"LabResult":             `{spec: {attendee: ada, workshop: platform, lab: hpa, topic: kubernetes, exercise: hpa-scaling}}`,
		"Role":                  `{rules: []}`,
		"RoleBinding":           `{roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: edit-everything}, subjects: []}`,
		"Secret":                `{}`,
		"Service":               `{spec: {ports: [{port: 80}]}}`,
		"ServiceAccount":        `{}`,
		"StatefulSet":           aSet,
		"Workshop":              `{spec: {closesAt: "2027-03-01T12:00:00Z", labTemplates: [{name: hpa, spec: {topic: kubernetes}}]}}`,
	}
}

// part is what the API server needs of a part of an object, by the name of its schema.
func part(schema string) map[string]any {
	switch schema {
	case "PersistentVolumeClaim":
		return content(`{metadata: {name: data}, spec: ` + aClaim + `}`)
	case "PersistentVolumeClaimTemplate":
		return map[string]any{"spec": content(aClaim)}
	case "Volume":
		return map[string]any{"name": "data"}
	default:
		return map[string]any{}
	}
}

// signingRequest is one for a certificate, with a key of its own.
func signingRequest() string {
	_, key, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		panic(err) // The system has no randomness.
	}
	request, err := x509.CreateCertificateRequest(rand.Reader, &x509.CertificateRequest{}, key)
	if err != nil {
		panic(err) // The key is one that can sign.
	}
	return base64.StdEncoding.EncodeToString(request)
}
