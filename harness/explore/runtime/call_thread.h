void call_thread_ended(void);
