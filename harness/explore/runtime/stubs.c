#include <pthread.h>
#include <stdio.h>
#include "engine.h"
#include "race.h"
#include "report.h"
#include "options.h"
#include "start.h"
void call_thread_ended(void);
__attribute__((weak)) void race_commit(struct thread *t){(void)t;}
__attribute__((weak)) void call_thread_ended(void){ struct op op={.kind=OP_WRITE,.order=__ATOMIC_RELEASE,.size=8,.operand=1,.key=hidden_key(HIDDEN_THREAD,op_thread())}; op_do(&op);}
__attribute__((weak)) void report_violation(struct graph*g){(void)g; page->violation_kind=violation.kind; fprintf(console,"VIOLATION %s: %s\n",violation_names[violation.kind],violation.text);}
__attribute__((weak)) void report_event(const struct event*e){(void)e;}
__attribute__((weak)) bool report_replay(const char*f){(void)f;return false;}
__attribute__((weak)) void report_execution(const struct graph*g){(void)g;}
__attribute__((weak)) void report_access(uintptr_t a,size_t n,bool w,const void*pc){(void)a;(void)n;(void)w;(void)pc;}
__attribute__((visibility("default"))) int __wrap_pthread_create(pthread_t*p,const pthread_attr_t*a,void*(*f)(void*),void*x){(void)a; struct op op={.kind=OP_CREATE}; unsigned c=(unsigned)op_do(&op); *p=c; engine_spawn(c,f,x); return 0;}
static bool one(const struct op*op,uint64_t v){(void)op;return v==1;}
__attribute__((visibility("default"))) int __wrap_pthread_join(pthread_t p,void**r){struct op op={.kind=OP_READ,.order=__ATOMIC_ACQUIRE,.size=8,.key=hidden_key(HIDDEN_THREAD,p),.admits=one}; op_do(&op); if(r)*r=threads[p].result; return 0;}
