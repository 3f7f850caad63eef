package models

import "testing"

// A file whose processing were cancelled would be processing for ever.
func TestQueuedJob_MayCancel(t *testing.T) {
	for kind, want := range map[string]bool{
		ProcessImage{}.Kind(): false, CleanFile{}.Kind(): false, SendMail{}.Kind(): true, SweepBlobs{}.Kind(): true,
	} {
		for _, state := range []JobState{JobWaiting, JobFailing} {
			if got := (QueuedJob{Kind: kind, State: state}).MayCancel(); got != want {
				t.Errorf("%s, %s: %t, want %t", kind, state, got, want)
			}
		}
		if (QueuedJob{Kind: kind, State: JobRunning}).MayCancel() {
			t.Errorf("%s can be cancelled while it runs", kind)
		}
	}
}
