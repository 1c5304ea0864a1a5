package migrate

import "container/list"

// lru maps texts to values and forgets the one used longest ago when there are too
// many. It is not safe for concurrent use.
type lru[V any] struct {
	most  int
	order *list.List // of *lruItem[V], the last used first
	items map[string]*list.Element
}

type lruItem[V any] struct {
	key   string
	value V
}

func newLRU[V any](most int) *lru[V] {
	return &lru[V]{most: most, order: list.New(), items: map[string]*list.Element{}}
}

func (l *lru[V]) get(key string) (V, bool) {
	e, ok := l.items[key]
	if !ok {
		var none V
		return none, false
	}
	l.order.MoveToFront(e)
	return e.Value.(*lruItem[V]).value, true
}

// put sets a value, and returns the one that had to go for it.
func (l *lru[V]) put(key string, value V) (gone V, ok bool) {
	if e, found := l.items[key]; found {
		item := e.Value.(*lruItem[V])
		gone, item.value = item.value, value
		l.order.MoveToFront(e)
		return gone, true
	}
	l.items[key] = l.order.PushFront(&lruItem[V]{key, value})
	if len(l.items) <= l.most {
		return gone, false
	}
	last := l.order.Back().Value.(*lruItem[V])
	l.remove(last.key)
	return last.value, true
}

func (l *lru[V]) remove(key string) {
	if e, ok := l.items[key]; ok {
		l.order.Remove(e)
		delete(l.items, key)
	}
}
