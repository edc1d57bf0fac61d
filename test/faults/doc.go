// Package faults runs one scenario, a Lab from creation to deletion, again and again with injected
// faults, and compares each run with a baseline without faults: the same snapshot of the lab after
// every step, as many objects created and deleted, none left, no write outside of the lab, no
// invariant violated, and no more writes once all is done.
//
// Some runs without faults come first: they are the baseline, with the writes that all of them have
// in common. Then every fault is injected at every write. The operator crashes before it and after
// it, or the write is refused, lost or never answered. Reads are refused, watches are cut, delayed
// and relisted, informers freeze, and somebody deletes the namespace or tampers with the
// guardrails. The suite fails if a fault was not injected at a write of the baseline.
//
// An operator reaches its API server through a proxy, which observes requests and injects faults. A
// crash happens in the process: from that moment the transport of the operator sends nothing, so
// that no goroutine that is left can do what a dead process could not. The next operator starts
// from what the API server has.
//
// The parts: steps are the scenario, a scenarioRun is one run of it in an environment of the pool,
// an injector applies a faultPlan to requests and events, the auditLog has every change of an
// object, an invariantWatcher checks every status, and a sweep runs one fault at many points.
package faults
