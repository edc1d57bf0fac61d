package lint

// lookAtConstants finds conditions that say the same whatever the learner does.
func (s *subject) lookAtConstants() {
	for _, e := range s.expressions {
		if e.role != condition {
			continue
		}
		switch value, constant := e.Constant(); {
		case constant && value:
			s.find(ruleConstant, e.field, "is true whatever the learner does: look at some evidence")
		case constant:
			s.find(ruleConstant, e.field, "is false whatever the learner does: nobody can pass it")
		}
	}
}
