package check

// ReadyNeeds are the names of the evidence that decides on whether the lab is ready.
func (e *Exercise) ReadyNeeds() []string {
	var names []string
	for i := range e.ready {
		names = append(names, e.ready[i].holds.looksAt()...)
	}
	return names
}
