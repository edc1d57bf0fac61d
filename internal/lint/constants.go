package lint

// checkConstants finds conditions that say the same whatever the learner does.
func (l *exerciseLinter) checkConstants() {
	for _, e := range l.expressions {
		if e.role != conditionRole {
			continue
		}
		switch value, constant := e.Constant(); {
		case constant && value:
			l.report(ruleConstant, e.field, "is true whatever the learner does: look at some evidence")
		case constant:
			l.report(ruleConstant, e.field, "is false whatever the learner does: nobody can pass it")
		}
	}
}
