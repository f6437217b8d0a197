-- keeps: everything; lists and the queue grow slow again.
drop index slides.standing_state_stain;
drop index jobs.waiting_lock;
