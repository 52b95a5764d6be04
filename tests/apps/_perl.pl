# SPDX-License-Identifier: MIT
#
#	_perl.pl N
#
# Prints what came out; tests/apps/perl knows what ought to.
use strict;
use warnings;
use threads;
use threads::shared;
use Thread::Queue;
use Thread::Semaphore;

my $n = shift;
my $total : shared = 0;
my $turns : shared = 0;
my ($inside, $most) : shared = (0, 0);

# together COUNT CODE: the sum of what the threads return
sub together {
	my ($count, $code) = @_;
	my $sum = 0;
	$sum += $_->join for map { threads->create($code, $_) } 0 .. $count - 1;
	return $sum;
}

together(4, sub {
	for (1 .. $n) {
		lock $total;
		$total++;
	}
	return 0;
});
print "lock $total\n";

together(2, sub {
	my $me = shift;
	for (1 .. $n / 2) {
		lock $turns;
		cond_wait($turns) while $turns % 2 != $me;
		$turns++;
		cond_signal($turns);
	}
	return 0;
});
print "turns $turns\n";

my $jobs = Thread::Queue->new;
$jobs->limit = 64;
my $sum = together(3, sub {
	my ($me, $sum) = (shift, 0);
	if ($me == 0) {
		$jobs->enqueue($_) for 0 .. $n - 1;
		$jobs->end;
		return 0;
	}
	while (defined(my $job = $jobs->dequeue)) {
		$sum += $job;
	}
	return $sum;
});
print "queue $sum\n";

$most = 2;
my $permits = Thread::Semaphore->new(2);
together(4, sub {
	for (1 .. $n / 20) {
		$permits->down;
		{ lock $inside; $inside++; $most = $inside if $inside > $most; }
		{ lock $inside; $inside--; }
		$permits->up;
	}
	return 0;
});
print "inside at most $most\n";
