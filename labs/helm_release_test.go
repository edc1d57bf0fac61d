package labs

import "testing"

// revision is a patch of the release: its newest revision, and the history that goes with it.
func revision(newest, history string) string {
	return `shop: {` + newest + `, history: [` + history + `]}`
}

const (
	first     = `{revision: 1, status: superseded}, {revision: 2, status: superseded}, `
	timedOut  = `{revision: 3, status: failed, chartVersion: 1.1.0, description: "Upgrade shop failed: context deadline exceeded"}`
	canceled  = `{revision: 3, status: failed, chartVersion: 1.1.0, description: "Upgrade shop failed: context canceled"}`
	overtaken = `{revision: 3, status: superseded, chartVersion: 1.1.0, description: Upgrade complete}`
	goneBack  = `revision: 4, status: deployed, description: Rollback to 2, chart: {version: 1.0.0}`
	back      = `, {revision: 4, status: deployed, chartVersion: 1.0.0, description: Rollback to 2}`
	rolledOut = `
deployment: {status: {replicas: 2, updatedReplicas: 2, readyReplicas: 2}}`
)

func TestHelmReleaseVerdicts(t *testing.T) {
	judgeAll(t, "helm-release", "failed", map[string]any{"season": "winter", "pods": "2"}, map[string]verdict{
		"install: no release": {task: "install", patch: `shop: {ok: false, reason: NotFound, error: there is no Helm release shop, status: null, chart: null, revision: null}`,
			says: "there is no Helm release shop in the Secrets of this namespace, where helm keeps releases by default"},
		"install: stopped": {task: "install", patch: revision(`revision: 1, status: pending-install, chart: {version: 1.0.0}`, `{revision: 1, status: pending-install}`),
			says: "If it was stopped, uninstall the release and install it again"},
		"install: stopped in an upgrade": {task: "install", patch: revision(`revision: 2, status: pending-upgrade, chart: {version: 1.0.0}`, `{revision: 2, status: pending-upgrade}`),
			says: "If it was stopped, roll back to a revision that worked"},
		"install: not from here": {task: "install", patch: `downloads: {json: {shop-1.0.0.tgz: 0}}`,
			says: "it has not been downloaded since the repository started: install from the Service charts"},
		"upgrade: it timed out":                        {task: "upgrade"},
		"upgrade: it went back by itself":              {task: "upgrade", patch: revision(goneBack, first+timedOut+back)},
		"upgrade: interrupted":                         {task: "upgrade", patch: revision(`description: "Upgrade shop failed: context canceled"`, first+canceled), says: "helm was interrupted (context canceled)"},
		"upgrade: interrupted, and gone back":          {task: "upgrade", patch: revision(goneBack, first+canceled+back), says: "helm was interrupted (context canceled)"},
		"upgrade: interrupted once, and then not":      {task: "upgrade", patch: revision(`revision: 4`, first+canceled+`, {revision: 4, status: failed, chartVersion: 1.1.0, description: context deadline exceeded}`)},
		"upgrade: not waited, and relabelled":          {task: "upgrade", patch: revision(goneBack, first+overtaken+back), says: "revision 4 is deployed, from shop 1.0.0"},
		"upgrade: not waited":                          {task: "upgrade", patch: revision(`status: deployed`, first+overtaken), says: "helm did not wait: it says that revision 3 is deployed"},
		"upgrade: another chart failed":                {task: "upgrade", patch: revision(goneBack, first+`{revision: 3, status: failed, chartVersion: 1.0.0, description: timeout}`+back), says: "revision 4 is deployed"},
		"rollback: to what worked":                     {task: "rollback", patch: revision(goneBack, first+timedOut+back) + rolledOut},
		"rollback: the failed one was only relabelled": {task: "rollback", patch: revision(goneBack, first+overtaken+back) + rolledOut, says: "it has 1 (superseded), 2 (superseded), 3 (superseded), 4 (deployed)"},
	})
}
