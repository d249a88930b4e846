/**
 * A wire between two network devices on which every frame takes a while, in Perl: `perl - MILLISECONDS DEVICE DEVICE`.
 * It stands in for netem, which many kernels lack (cloud and microVM kernels leave it out). Node cannot open packet sockets;
 * perl is on every machine that makes images, since mmdebstrap is written in it. Prints `ready` once it carries frames,
 * and carries on when a device goes down and comes up again.
 *
 * Numbers: AF_PACKET 17, ETH_P_ALL 3, SIOCGIFINDEX 0x8933, SOL_PACKET 263, PACKET_VNET_HDR 15, PACKET_OUTGOING 4
 * (packet(7), linux/if_packet.h). PACKET_VNET_HDR puts offloads (checksums yet to be made, frames yet to be cut up) in
 * front of each frame, so that what is sent on is as good as what came.
 */
export const delayLine = `
use strict; use warnings;
use Socket qw(SOCK_RAW SOL_SOCKET SO_RCVBUF MSG_DONTWAIT);
use Time::HiRes qw(clock_gettime CLOCK_MONOTONIC);

sub end_at {
  my ($device) = @_;
  socket(my $end, 17, SOCK_RAW, 0) or die "packet socket: $!\\n";
  my $request = pack('a16 x24', $device);
  ioctl($end, 0x8933, $request) or die "$device: $!\\n";
  setsockopt($end, 263, 15, pack('i', 1)) or die "PACKET_VNET_HDR: $!\\n";
  setsockopt($end, SOL_SOCKET, SO_RCVBUF, 8 << 20);
  bind($end, pack('S n i S C C a8', 17, 3, unpack('x16 i', $request), 0, 0, 0, '')) or die "$device: $!\\n";
  return $end;
}

my ($delay, @devices) = @ARGV;
my @ends = map { end_at($_) } @devices;
my @queues = ([], []);
$| = 1;
print "ready\\n";
close STDOUT;
for (;;) {
  my $now = clock_gettime(CLOCK_MONOTONIC);
  my $wait;
  for my $side (0, 1) {
    my $queue = $queues[$side];
    send($ends[1 - $side], (shift @$queue)->[1], MSG_DONTWAIT) while @$queue && $queue->[0][0] <= $now;
    next unless @$queue;
    my $left = $queue->[0][0] - $now;
    $wait = $left if !defined $wait || $left < $wait;
  }
  my $readable = '';
  vec($readable, fileno($_), 1) = 1 for @ends;
  select($readable, undef, undef, $wait) > 0 or next;
  for my $side (0, 1) {
    next unless vec($readable, fileno($ends[$side]), 1);
    my $from = recv($ends[$side], my $frame, 70000, MSG_DONTWAIT);
    next if !defined $from || unpack('x10 C', $from) == 4;
    push @{$queues[$side]}, [clock_gettime(CLOCK_MONOTONIC) + $delay / 1000, $frame];
  }
}
`;
