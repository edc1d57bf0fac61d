package main

import (
	"os"
	"path/filepath"
	"testing"

	corev1 "k8s.io/api/core/v1"
	storagev1 "k8s.io/api/storage/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/sig-storage-lib-external-provisioner/v13/controller"
)

func TestVolumeIsAFolderUntilDeleted(t *testing.T) {
	f := folders{root: t.TempDir()}
	reclaim := corev1.PersistentVolumeReclaimDelete
	pv, _, err := f.Provision(t.Context(), controller.ProvisionOptions{
		StorageClass:     &storagev1.StorageClass{ReclaimPolicy: &reclaim},
		PVName:           "pvc-1",
		PVC:              &corev1.PersistentVolumeClaim{},
		SelectedNodeName: "node",
	})
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(f.root, "pvc-1")
	if got := pv.Spec.HostPath.Path; got != path {
		t.Errorf("path = %s, want %s", got, path)
	}
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	if info.Mode().Perm() != 0o777 {
		t.Errorf("mode = %o: not every pod could write", info.Mode().Perm())
	}
	if err := f.Delete(t.Context(), pv); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(path); !os.IsNotExist(err) {
		t.Errorf("the folder is still there: %v", err)
	}
}

func TestDeleteRefusesWhatIsNotAVolumesFolder(t *testing.T) {
	f := folders{root: "/volumes"}
	for name, source := range map[string]corev1.PersistentVolumeSource{
		"no host path":   {},
		"root itself":    {HostPath: &corev1.HostPathVolumeSource{Path: "/volumes"}},
		"elsewhere":      {HostPath: &corev1.HostPathVolumeSource{Path: "/etc"}},
		"escaping":       {HostPath: &corev1.HostPathVolumeSource{Path: "/volumes/../etc"}},
		"deeper":         {HostPath: &corev1.HostPathVolumeSource{Path: "/volumes/a/b"}},
		"a volume's dot": {HostPath: &corev1.HostPathVolumeSource{Path: "/volumes/.hidden"}},
	} {
		t.Run(name, func(t *testing.T) {
			pv := &corev1.PersistentVolume{ObjectMeta: metav1.ObjectMeta{Name: "pv"}, Spec: corev1.PersistentVolumeSpec{PersistentVolumeSource: source}}
			if path, err := f.own(pv); err == nil {
				t.Errorf("%s was accepted", path)
			}
		})
	}
}
