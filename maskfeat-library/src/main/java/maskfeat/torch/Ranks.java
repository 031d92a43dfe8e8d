package maskfeat.torch;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import java.util.function.Function;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.javacpp.chrono.Milliseconds;
import org.bytedeco.pytorch.ByteVector;
import org.bytedeco.pytorch.GlooDeviceVector;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.PrefixStore;
import org.bytedeco.pytorch.ProcessGroupGloo;
import org.bytedeco.pytorch.StringVector;
import org.bytedeco.pytorch.TCPStore;
import org.bytedeco.pytorch.TCPStoreOptions;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorBase;
import org.bytedeco.pytorch.TensorTensorHook;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.Work;
import org.bytedeco.pytorch.global.torch;
import org.jspecify.annotations.Nullable;

/**
 * The processes that train one network together, over libtorch's c10d (Gloo). Each of them makes the same calls in the same order,
 * from one thread.
 *
 * <p>A thread of each process tells the others twice a second that it lives. Who waits for one that is gone gets a
 * {@link RankLost} that names it, within ten seconds.
 */
public final class Ranks implements AutoCloseable {
    /** One process: everything is the identity, and no library is loaded. */
    public static final Ranks ALONE = new Ranks();

    private static final Duration MEET = Duration.ofMinutes(5);
    private static final Duration REMIND = Duration.ofSeconds(15);
    private static final long LONG_MILLIS = Duration.ofHours(12).toMillis();
    private static final long BEAT_MILLIS = 500;
    private static final long SILENT_MILLIS = 6_000;
    private static final long STORE_MILLIS = 8_000;
    private static final long COMPARE_MILLIS = 2_500;
    private static final String HELLO = "hello";

    /** Before why, in place of a rank's introduction. */
    private static final String REFUSES = "refuses ";

    /**
     * libtorch owns what it was given, and would free it a second time when the collector frees the Java objects: those are kept as
     * long as the process lives.
     */
    private static final List<Pointer> HELD = new CopyOnWriteArrayList<>();

    /** Above every count of beats. */
    private static final long LEFT = 1L << 40;

    private static final long FAILED = 1L << 41;
    private static final char SEPARATOR = 0;
    private static final int SPINS = 200;
    private static final long PAUSE_NANOS = 20_000;

    private final int rank;
    private final int size;
    private final String prefix;
    private List<Peer> peers = List.of(); // until all have introduced themselves
    private final @Nullable TCPStore store;
    private final @Nullable ProcessGroupGloo group;
    private final @Nullable Thread watch;
    private final Consumer<String> notices;
    private final Queue<String> news = new ConcurrentLinkedQueue<>();
    private Consumer<String> hearer = what -> {};
    private @Nullable RuntimeException inBackward; // thrown through libtorch, which keeps its text alone
    private long nanos;
    private volatile long step = -1;
    private volatile long round; // when the watching thread was last through
    private volatile @Nullable RankLost lost;
    private volatile @Nullable Departed departed;
    private volatile boolean closed;
    private volatile @Nullable String failure;

    /** Another process as it introduced itself. */
    private record Peer(String host, long pid) {}

    /** The first that left without an error, and when that was seen. */
    private record Departed(int rank, long nanos) {}

    private Ranks() {
        rank = 0;
        size = 1;
        prefix = "";
        store = null;
        group = null;
        watch = null;
        notices = notice -> {};
    }

    private Ranks(RankPlace place, Consumer<String> notices) {
        Natives.ready();
        this.notices = notices;
        rank = place.rank();
        size = place.size();
        prefix = prefix(place);
        torch.initLogging(); // else TORCH_CPP_LOG_LEVEL is not heard
        try {
            if (rank != 0 && !place.agentStore()) {
                MeetingPlace.reach(place, MEET, notices);
            }
            store = open(place, rank == 0 && !place.agentStore());
            List<Peer> known = new ArrayList<>();
            String pid = Long.toString(ProcessHandle.current().pid());
            for (String about : exchange(HELLO, pid + " " + RankPlace.thisHost())) {
                if (about.startsWith(REFUSES)) {
                    throw refused(known.size(), about.substring(REFUSES.length()));
                }
                String[] parts = about.split(" ", 2);
                known.add(new Peer(parts[1], Long.parseLong(parts[0])));
            }
            peers = List.copyOf(known);
            group = group(place, open(place, false), prefix);
        } catch (IllegalArgumentException | RankLost missing) {
            throw missing;
        } catch (RuntimeException apart) {
            throw new IllegalArgumentException(
                    place.from() + ": rank " + rank + " found no way to the others at " + place.host() + ":"
                            + place.port() + " in " + MEET.toMinutes() + " minutes: " + firstLine(apart),
                    apart);
        }
        TCPStore ofWatch = open(place, false);
        round = System.nanoTime();
        watch = new Thread(() -> watch(ofWatch), "ranks");
        watch.setDaemon(true);
        watch.start();
    }

    /** Rank 0, which keeps the store, stays until the others have read it. */
    private RankLost refused(int other, String why) {
        if (rank == 0) {
            LockSupport.parkNanos(Duration.ofMillis(COMPARE_MILLIS).toNanos());
        }
        return new RankLost(other, true, "rank " + other + " refuses the run: " + why);
    }

    /**
     * Tells the ranks that wait for this one that it does not come.
     *
     * @param why it refuses the run
     */
    public static void refuse(RankPlace place, String why) {
        Natives.ready();
        try (PointerScope scope = new PointerScope()) {
            open(place, false, STORE_MILLIS).set(prefix(place) + HELLO + "/" + place.rank(), bytes(REFUSES + why));
        } catch (RuntimeException gone) {
            return; // nobody waits any more
        }
    }

    /**
     * Meets the others; waits until all are there.
     *
     * @param notices takes now and then a sentence on whom it waits for
     * @throws IllegalArgumentException if they do not come together in five minutes
     */
    public static Ranks join(RankPlace place, Consumer<String> notices) {
        return new Ranks(place, notices);
    }

    /** Of a start: after a restart another. */
    private static String prefix(RankPlace place) {
        return "maskfeat-" + place.restarts() + "/";
    }

    private static TCPStore open(RankPlace place, boolean serves) {
        return open(place, serves, MEET.toMillis());
    }

    private static TCPStore open(RankPlace place, boolean serves, long timeoutMillis) {
        TCPStoreOptions options = new TCPStoreOptions();
        options.port((short) place.port()).isServer(serves).waitWorkers(false).timeout(new Milliseconds(timeoutMillis));
        return held(new TCPStore(place.host(), options));
    }

    private static ProcessGroupGloo group(RankPlace place, TCPStore store, String prefix) {
        ProcessGroupGloo.Options options = held(ProcessGroupGloo.Options.create(new Milliseconds(LONG_MILLIS)));
        String network = System.getenv("GLOO_SOCKET_IFNAME");
        options.devices(held(new GlooDeviceVector(
                network != null && !network.isBlank()
                        ? ProcessGroupGloo.createDeviceForInterface(network.strip())
                        : place.isHere()
                                ? ProcessGroupGloo.createDeviceForHostname("127.0.0.1")
                                : ProcessGroupGloo.createDefaultDevice())));
        // A store that Java made can be handed to libtorch once: this one is made for it.
        PrefixStore ofGroup = held(new PrefixStore(prefix + "group", store));
        return held(new ProcessGroupGloo(ofGroup, place.rank(), place.size(), options));
    }

    private static <P extends Pointer> P held(P pointer) {
        HELD.add(pointer);
        return Scopes.keep(pointer);
    }

    /** From 0. */
    public int rank() {
        return rank;
    }

    /** How many there are. */
    public int size() {
        return size;
    }

    /** Whether there is one process alone. */
    public boolean isAlone() {
        return size == 1;
    }

    /** Whether this is the one that writes. */
    public boolean leads() {
        return rank == 0;
    }

    /** Says which step is being made, for messages. */
    public void at(long now) {
        step = now;
    }

    /** The sums over all ranks, the same bits on each. */
    public double[] sum(double... own) {
        if (isAlone()) {
            return own;
        }
        try (PointerScope scope = new PointerScope();
                NoGradGuard guard = new NoGradGuard()) {
            Tensor all = Arrays.tensor(own, own.length);
            reduce(all);
            return Arrays.doubles(all);
        }
    }

    /** Whether it is so on any rank; the same answer on each. What ranks {@link #tell} is heard by all before it returns. */
    public boolean any(boolean own) {
        if (isAlone()) {
            return own;
        }
        List<String> said = new ArrayList<>();
        for (String each = news.poll(); each != null; each = news.poll()) {
            said.add(each);
        }
        double[] all = sum(own ? 1 : 0, said.size());
        if (all[1] > 0) {
            List<byte[]> ofRanks =
                    gather(String.join(String.valueOf(SEPARATOR), said).getBytes(StandardCharsets.UTF_8));
            for (int other = 0; other < size; other++) {
                String text = new String(ofRanks.get(other), StandardCharsets.UTF_8);
                if (other != rank && !text.isEmpty()) {
                    List.of(text.split(String.valueOf(SEPARATOR))).forEach(hearer);
                }
            }
        }
        return all[0] > 0;
    }

    /** Tells the other ranks something when all ask {@link #any} next. Safe for any number of threads. */
    public void tell(String what) {
        if (!isAlone()) {
            news.add(what.replace(SEPARATOR, ' '));
        }
    }

    /** Who is to hear what other ranks {@link #tell}, on the thread that asks {@link #any}. */
    public void heardBy(Consumer<String> who) {
        hearer = who;
    }

    /**
     * The bytes of all ranks.
     *
     * @param own as many as there are
     * @return in the order of the ranks
     */
    public List<byte[]> gather(byte[] own) {
        if (isAlone()) {
            return List.of(own);
        }
        double[] lengths = new double[size];
        lengths[rank] = own.length;
        lengths = sum(lengths);
        int longest = (int) java.util.Arrays.stream(lengths).max().orElseThrow();
        List<byte[]> all = new ArrayList<>();
        try (PointerScope scope = new PointerScope();
                NoGradGuard guard = new NoGradGuard()) {
            byte[] together = new byte[Math.multiplyExact(longest, size)];
            if (longest > 0) {
                Tensor mine = Arrays.tensor(java.util.Arrays.copyOf(own, longest), longest);
                Tensor ofAll = Arrays.tensor(together, together.length);
                await(group -> group._allgather_base(ofAll, mine));
                new BytePointer(ofAll.data_ptr()).get(together);
            }
            for (int other = 0; other < size; other++) {
                int from = other * longest;
                all.add(java.util.Arrays.copyOfRange(together, from, from + (int) lengths[other]));
            }
        }
        return all;
    }

    /** Gives each tensor the values that rank 0 has in it. All on the CPU. */
    public void fromFirst(Collection<Tensor> tensors) {
        if (isAlone()) {
            return;
        }
        try (PointerScope scope = new PointerScope();
                NoGradGuard guard = new NoGradGuard()) {
            for (Tensor tensor : tensors) {
                Tensor plain = tensor.detach().contiguous();
                await(group -> group.broadcast(new TensorVector(plain)));
                tensor.copy_(plain);
            }
        }
    }

    /** Time spent so far in sums and other calls that all ranks make, the waiting for the others among it. */
    public double seconds() {
        return nanos * 1e-9;
    }

    /** Replaces each tensor by its sum over all ranks, the same bits on each. All of one type and on the CPU. */
    public void sum(List<Tensor> tensors) {
        if (isAlone() || tensors.isEmpty()) {
            return;
        }
        try (PointerScope scope = new PointerScope();
                NoGradGuard guard = new NoGradGuard()) {
            TensorVector flat = new TensorVector();
            tensors.forEach(tensor -> flat.push_back(tensor.reshape(-1)));
            Tensor all = torch.cat(flat, 0);
            reduce(all);
            long from = 0;
            for (Tensor tensor : tensors) {
                long count = tensor.numel();
                tensor.copy_(all.narrow(0, from, count).view_as(tensor));
                from += count;
            }
        }
    }

    /**
     * The sum of a tensor over all ranks, the same bits on each, through which gradients pass: in the backward pass, the gradients
     * of the losses of all ranks at the sum are summed in turn. That is to be {@link #backward}, in the scope of this call.
     *
     * <p>Each rank makes the same graph by the same calls. The order of the sums in the backward pass is then the same too: libtorch
     * goes back through a graph on one thread, and of what is ready takes first what was called last.
     *
     * @param own of the same shape and type on each rank, on the CPU
     */
    public Tensor sumOf(Tensor own) {
        if (isAlone()) {
            return own;
        }
        Tensor all = summed(own);
        if (!own.requires_grad()) {
            return all;
        }
        // Zero, to the bit, that knows the way back to this rank's part.
        Tensor sum = own.sub(own.detach()).add(all);
        sum.register_hook(new TensorTensorHook() {
            @Override
            public TensorBase call(TensorBase gradient) {
                try {
                    return summed(new Tensor(gradient));
                } catch (RuntimeException failed) {
                    inBackward = failed;
                    throw failed;
                }
            }
        });
        return sum;
    }

    private Tensor summed(Tensor own) {
        return Scopes.tidy(() -> {
            try (NoGradGuard guard = new NoGradGuard()) {
                Tensor all = own.detach().clone();
                reduce(all);
                return all;
            }
        });
    }

    /**
     * The backward pass from a loss.
     *
     * @throws RankLost if a rank is gone that would take part in a {@link #sumOf}
     */
    public void backward(Tensor loss) {
        inBackward = null;
        try {
            loss.backward();
        } catch (RuntimeException passed) {
            RuntimeException own = inBackward;
            throw own == null ? passed : own;
        }
    }

    /**
     * The rows of all ranks in their order; no gradient passes.
     *
     * @param own [n, ...], of the same shape and type on each rank, on the CPU
     * @return [n times ranks, ...]
     */
    public Tensor rows(Tensor own) {
        if (isAlone()) {
            return own;
        }
        return Scopes.tidy(() -> {
            try (NoGradGuard guard = new NoGradGuard()) {
                Tensor plain = own.detach().contiguous();
                long[] shape = plain.shape();
                shape[0] *= size;
                Tensor all = Arrays.empty(plain.scalar_type(), shape);
                await(group -> group._allgather_base(all, plain));
                return all;
            }
        });
    }

    private void reduce(Tensor tensor) {
        await(group -> group.allreduce(new TensorVector(tensor)));
    }

    /**
     * The texts of all ranks.
     *
     * @param name used once
     * @return in the order of the ranks
     */
    public List<String> exchange(String name, String own) {
        TCPStore shared = store;
        if (shared == null) {
            return List.of(own);
        }
        try (PointerScope scope = new PointerScope()) {
            shared.set(prefix + name + "/" + rank, bytes(own));
            List<String> all = new ArrayList<>();
            for (int other = 0; other < size; other++) {
                String key = prefix + name + "/" + other;
                long start = System.nanoTime();
                long told = start;
                while (!shared.check(new StringVector(key))) {
                    failIfLost();
                    long now = System.nanoTime();
                    if (peers.isEmpty() && now - start > MEET.toNanos()) {
                        throw new IllegalArgumentException("rank " + other + " of " + size + " did not come in "
                                + MEET.toMinutes() + " minutes; start all ranks, with the same host and port");
                    }
                    if (peers.isEmpty() && now - told > REMIND.toNanos()) {
                        notices.accept("still waiting for rank " + other + " of " + size);
                        told = now;
                    }
                    LockSupport.parkNanos(Duration.ofMillis(2).toNanos());
                }
                all.add(text(shared.get(key)));
            }
            return all;
        } catch (IllegalArgumentException | RankLost told) {
            throw told;
        } catch (RuntimeException apart) {
            throw cause(apart);
        }
    }

    private void await(Function<ProcessGroupGloo, Work> begin) {
        ProcessGroupGloo all = group;
        if (all == null) {
            throw new IllegalStateException("one process has no others to call");
        }
        long start = System.nanoTime();
        try {
            Work work = begin.apply(all);
            for (long turn = 0; !work.isCompleted(); turn++) {
                failIfLost();
                if (turn < SPINS) {
                    Thread.onSpinWait();
                } else {
                    LockSupport.parkNanos(PAUSE_NANOS);
                }
            }
            work._wait();
            nanos += System.nanoTime() - start;
        } catch (RankLost told) {
            throw told;
        } catch (RuntimeException apart) {
            throw cause(apart);
        }
    }

    private void failIfLost() {
        RankLost who = lost;
        if (who != null) {
            throw who;
        }
        if (!peers.isEmpty()
                && !closed
                && System.nanoTime() - round > Duration.ofMillis(STORE_MILLIS).toNanos()) {
            // The thread that watches waits for the store, which lives in rank 0.
            lost = new RankLost(
                    0, false, described(0, "has stalled: its process keeps the store and does not answer", step));
            throw lost;
        }
        Departed left = departed;
        // What it sent last may still be on its way.
        if (left != null
                && System.nanoTime() - left.nanos
                        > Duration.ofMillis(SILENT_MILLIS).toNanos()) {
            throw new RankLost(left.rank, false, described(left.rank, "has left, and this one goes on", step));
        }
    }

    /** Who broke off: the one that is gone, not one that noticed it. */
    private RuntimeException cause(RuntimeException noticed) {
        long start = System.nanoTime();
        while (System.nanoTime() - start
                < Duration.ofMillis(SILENT_MILLIS + 4 * BEAT_MILLIS).toNanos()) {
            RankLost who = lost;
            if (who != null) {
                return who;
            }
            LockSupport.parkNanos(Duration.ofMillis(BEAT_MILLIS / 5).toNanos());
        }
        return new IllegalStateException(
                "rank " + rank + " lost touch with the others in step " + step + ", though all of them answer: "
                        + firstLine(noticed),
                noticed);
    }

    private void watch(TCPStore beats) {
        long[] last = new long[size];
        long[] seen = new long[size];
        long now = System.nanoTime();
        java.util.Arrays.fill(seen, now);
        try {
            while (lost == null) {
                try (PointerScope scope = new PointerScope()) {
                    beats.set(prefix + "step/" + rank, bytes(Long.toString(step)));
                    boolean leaves = closed; // read before the failure, which is set before it
                    String why = failure;
                    if (why != null) {
                        beats.set(prefix + "failure/" + rank, bytes(why));
                    }
                    beats.add(prefix + "beat/" + rank, why != null ? FAILED : leaves ? LEFT : 1);
                    if (why != null || leaves) {
                        return;
                    }
                    for (int other = 0; other < size && lost == null; other++) {
                        if (other != rank) {
                            look(beats, other, last, seen);
                        }
                    }
                }
                round = System.nanoTime();
                Thread.sleep(BEAT_MILLIS);
                long before = now;
                now = System.nanoTime();
                pardon(seen, now - before);
            }
        } catch (InterruptedException end) {
            Thread.currentThread().interrupt();
        } catch (RuntimeException gone) {
            // The store is rank 0's, which is then the one that is gone.
            lost = new RankLost(0, false, described(0, "is gone, and with it the store through which all meet", step));
        }
    }

    private void look(TCPStore beats, int other, long[] last, long[] seen) {
        long count = beats.add(prefix + "beat/" + other, 0);
        if (count >= FAILED) {
            lost = new RankLost(
                    other,
                    true,
                    described(other, "failed", stepOf(beats, other)) + ": "
                            + text(beats.get(prefix + "failure/" + other)));
        } else if (count >= LEFT) {
            if (departed == null) {
                departed = new Departed(other, System.nanoTime());
            }
        } else {
            if (count != last[other]) {
                last[other] = count;
                seen[other] = System.nanoTime();
            }
            boolean here = peers.get(other).host.equals(peers.get(rank).host);
            boolean runs = !here
                    || ProcessHandle.of(peers.get(other).pid)
                            .map(ProcessHandle::isAlive)
                            .orElse(false);
            if (!runs) {
                lost = new RankLost(other, false, described(other, "died", stepOf(beats, other)));
            } else if (System.nanoTime() - seen[other]
                    > Duration.ofMillis(SILENT_MILLIS).toNanos()) {
                String how =
                        here ? "has stalled: its process is there and does not answer" : "does not answer any more";
                lost = new RankLost(other, false, described(other, how, stepOf(beats, other)));
            }
        }
    }

    /** What was asleep this long itself, with all of its machine perhaps, has not seen the beats of the others. */
    static void pardon(long[] seen, long nanos) {
        long late = nanos - Duration.ofMillis(2 * BEAT_MILLIS).toNanos();
        for (int i = 0; late > 0 && i < seen.length; i++) {
            seen[i] += late;
        }
    }

    private String stepOf(TCPStore beats, int other) {
        String key = prefix + "step/" + other;
        return beats.check(new StringVector(key)) ? text(beats.get(key)) : "-1";
    }

    private String described(int other, String how, Object at) {
        Peer peer = peers.get(other);
        String when = at.toString().equals("-1") ? "before the first step" : "around step " + at;
        return "rank " + other + " (process " + peer.pid + " on " + peer.host + ") " + how + ", " + when;
    }

    /**
     * Tells the others that this rank ends in an error, so that they name it.
     *
     * @return whether rank 0 fails for the same reason and this is another one; if that is not known after a few seconds, false
     */
    public boolean fail(String why) {
        TCPStore shared = store;
        if (shared == null || closed) {
            return false;
        }
        failure = why;
        close();
        RankLost who = lost;
        if (who != null && who.rank() == 0 && !who.failed()) {
            return false;
        }
        AtomicBoolean same = new AtomicBoolean();
        Thread comparing = new Thread(() -> same.set(isOfFirst(shared, why)), "ranks-failed");
        comparing.setDaemon(true); // a store whose process hangs may keep it for minutes
        comparing.start();
        try {
            comparing.join(COMPARE_MILLIS + BEAT_MILLIS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        return same.get();
    }

    /** Rank 0, which keeps the store, stays until the others have looked. */
    private boolean isOfFirst(TCPStore shared, String why) {
        long end = System.nanoTime() + Duration.ofMillis(COMPARE_MILLIS).toNanos();
        try (PointerScope scope = new PointerScope()) {
            if (rank != 0) {
                boolean same = isThere(shared, "failure/0", end)
                        && text(shared.get(prefix + "failure/0")).equals(why);
                shared.set(prefix + "compared/" + rank, bytes("1"));
                return same;
            }
            shared.set(prefix + "failure/0", bytes(why)); // the thread that watches ends where another is lost
            for (int other = 1; other < size; other++) {
                isThere(shared, "compared/" + other, end);
            }
        } catch (RuntimeException gone) {
            return false;
        }
        return false;
    }

    private boolean isThere(TCPStore shared, String key, long end) {
        boolean there = shared.check(new StringVector(prefix + key));
        while (!there && System.nanoTime() < end) {
            LockSupport.parkNanos(Duration.ofMillis(BEAT_MILLIS / 10).toNanos());
            there = shared.check(new StringVector(prefix + key));
        }
        return there;
    }

    /** Leaves the others, who are not told that this rank is lost. */
    @Override
    public void close() {
        Thread beating = watch;
        if (beating == null || closed) {
            return;
        }
        closed = true;
        try {
            beating.join(4 * BEAT_MILLIS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static ByteVector bytes(String text) {
        // The constructor for one byte would be taken for an array of one.
        byte[] raw = text.getBytes(StandardCharsets.UTF_8);
        ByteVector vector = new ByteVector((long) raw.length);
        for (int i = 0; i < raw.length; i++) {
            vector.put(i, raw[i]);
        }
        return vector;
    }

    private static String text(ByteVector vector) {
        return new String(vector.get(), StandardCharsets.UTF_8);
    }

    private static String firstLine(RuntimeException e) {
        return String.valueOf(e.getMessage()).lines().findFirst().orElse("no reason given");
    }
}
