package maskfeat.cli;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.PrintWriter;
import java.lang.management.ManagementFactory;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import maskfeat.disk.Printable;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code maskfeat launch}: starts processes that train together on this machine, and looks after them. */
@Command(
        name = "launch",
        description =
                "Trains in several processes of this machine that share each step: starts them, names one that dies, and "
                        + "can start them again. A run takes the same settings and gives, but for rounding, the same weights as in "
                        + "one process; train.batch times train.accumulate is the step of all together. torchrun --no-python, Slurm "
                        + "and Open MPI can start the processes in place of this command.",
        mixinStandardHelpOptions = true,
        footer = {
            "",
            "Examples:",
            "  maskfeat launch --ranks 2 -- pretrain sample-video --out runs/two",
            "  maskfeat launch --ranks 4 --max-restarts 3 -- pretrain small-video \\",
            "      --data videos --out runs/videos",
            "Exit codes: that of the command; 7 a process died or stalled, 75 stopped by a signal after saving."
        })
final class LaunchCommand implements Callable<Integer> {
    private static final Logger LOG = LoggerFactory.getLogger("maskfeat");
    private static final String LAUNCHER = "MASKFEAT_LAUNCHER";
    private static final String RANKS_HERE = "MASKFEAT_RANKS";
    private static final AtomicBoolean GONE_IS_TOLD = new AtomicBoolean();
    private static final Set<String> TRAINING = Set.of("pretrain", "finetune", "train");
    private static final String LOCAL = "127.0.0.1";
    private static final long POLL_MILLIS = 100;
    private static final long GRACE_MILLIS = 10_000;

    /** One that is left may be saving, which takes long where a network is large. */
    private static final long SAVING_MILLIS = 60_000;

    private static final int DEFAULT_PORT = 29500;

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Option(
            names = "--ranks",
            paramLabel = "N",
            description = "Processes to start here. Default: PET_NPROC_PER_NODE, where it is set.")
    private @Nullable Integer ranks;

    @Option(
            names = "--nodes",
            paramLabel = "N",
            description = "Machines that each start as many. Default: PET_NNODES, or 1.")
    private @Nullable Integer nodes;

    @Option(
            names = "--node-rank",
            paramLabel = "K",
            description = "Which of the machines this is, from 0. Default: PET_NODE_RANK, or 0.")
    private @Nullable Integer nodeRank;

    @Option(
            names = "--master",
            paramLabel = "HOST:PORT",
            description =
                    "Where the processes of several machines meet: a name of the first machine and a free port of "
                            + "it. Default: PET_MASTER_ADDR and PET_MASTER_PORT.")
    private @Nullable String master;

    @Option(
            names = "--max-restarts",
            paramLabel = "R",
            description =
                    "Start all again from the last checkpoint, up to so many times, when a process dies. Needs --out in "
                            + "the command. Default: 0.")
    private int maxRestarts;

    @Parameters(
            paramLabel = "COMMAND",
            arity = "1..*",
            completionCandidates = Choices.Trainings.class,
            description = "pretrain, finetune or train with its options.")
    private List<String> words = List.of();

    /** How this process was launched, as words of the command line; empty if it was started otherwise. */
    static Optional<String> launcherOfThis() {
        return Optional.ofNullable(System.getenv(LAUNCHER))
                .map(launcher -> "launch --ranks " + System.getenv().getOrDefault(RANKS_HERE, "N"));
    }

    /** Whether the launcher that started this process has gone, so that nobody would start or stop it any more. */
    static boolean isGone() {
        String launcher = System.getenv(LAUNCHER);
        boolean gone = launcher != null
                && ProcessHandle.of(Long.parseLong(launcher))
                        .filter(ProcessHandle::isAlive)
                        .isEmpty();
        if (gone && !GONE_IS_TOLD.getAndSet(true)) {
            LOG.warn("the launcher that started this process is gone: saving the last whole step");
        }
        return gone;
    }

    /** Whether one launcher, on this machine, started this process and all that train with it. */
    static boolean isWhole(Map<String, String> environment) {
        return environment.containsKey(LAUNCHER)
                && environment.getOrDefault(RANKS_HERE, "").equals(environment.get("WORLD_SIZE"));
    }

    /** All processes of one start. */
    private record Group(List<Process> processes, List<Thread> threads, int first) {
        boolean anyAlive() {
            return processes.stream().anyMatch(Process::isAlive);
        }

        /** One that failed; rather one that did so by itself than one that missed another. */
        Optional<Integer> failed() {
            return IntStream.range(0, processes.size())
                    .filter(i -> !processes.get(i).isAlive())
                    .filter(i -> processes.get(i).exitValue() != Exit.OK
                            && processes.get(i).exitValue() != Exit.STOPPED)
                    .boxed()
                    .min(Comparator.comparing(i -> processes.get(i).exitValue() == Exit.RANK_LOST));
        }
    }

    /** Passes on what a rank says. */
    private static void passOn(int rank, String line) {
        String mark = "rank " + rank;
        boolean marked = line.startsWith(mark + ":") || line.startsWith(mark + " on ");
        System.err.println((marked ? "" : mark + ": ") + Printable.text(line));
    }

    @Override
    public Integer call() throws IOException, InterruptedException {
        Map<String, String> environment = System.getenv();
        int here = number(ranks, "--ranks", environment, "PET_NPROC_PER_NODE", 0);
        int machines = number(nodes, "--nodes", environment, "PET_NNODES", 1);
        int machine = number(nodeRank, "--node-rank", environment, "PET_NODE_RANK", 0);
        check(here, machines, machine);
        Heartbeat.silence(); // the ranks speak
        try (StopSignal stop =
                StopSignal.listen("asking all ranks to finish the step and save", line -> LOG.info("{}", line))) {
            for (int restart = 0; ; restart++) {
                int code = run(start(here, machines, machine, restart), stop);
                boolean again = code == Exit.RANK_LOST && restart < maxRestarts && !stop.getAsBoolean();
                if (!again) {
                    return code;
                }
                LOG.warn("starting all ranks again, {} of {}", restart + 1, maxRestarts);
            }
        }
    }

    private void check(int here, int machines, int machine) {
        if (here < 1) {
            throw new IllegalArgumentException("--ranks must say how many processes to start, 1 or more");
        }
        if (machines < 1 || machine < 0 || machine >= machines) {
            throw new IllegalArgumentException("--node-rank " + machine + " of --nodes " + machines
                    + " cannot be: machines are counted from 0 to their number less one");
        }
        if (!TRAINING.contains(words.get(0))) {
            throw new IllegalArgumentException("'" + words.get(0)
                    + "' does not train; behind -- comes pretrain, finetune or train with its options");
        }
        if (maxRestarts < 0) {
            throw new IllegalArgumentException("--max-restarts " + maxRestarts + " must not be negative");
        }
        boolean hasOut = words.stream().anyMatch(word -> word.equals("--out") || word.startsWith("--out="));
        if (maxRestarts > 0 && !hasOut) {
            throw new IllegalArgumentException(
                    "--max-restarts needs --out in the command: it tells the folder of the run to go on with");
        }
        if (maxRestarts > 0 && machines > 1) {
            throw new IllegalArgumentException(
                    "--max-restarts looks after the processes of one machine; where there are"
                            + " several, leave restarts to the scheduler");
        }
    }

    private static int number(
            @Nullable Integer option, String name, Map<String, String> environment, String variable, int otherwise) {
        if (option != null) {
            return option;
        }
        String text = environment.getOrDefault(variable, "").strip();
        if (text.isEmpty()) {
            return otherwise;
        }
        try {
            return Integer.parseInt(text);
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException(
                    variable + " is '" + text + "', which is no whole number; set " + name, e);
        }
    }

    private Group start(int here, int machines, int machine, int restart) throws IOException {
        String host = LOCAL;
        int port;
        if (machines == 1) {
            port = freePort();
        } else {
            String where = master == null
                    ? System.getenv().getOrDefault("PET_MASTER_ADDR", "") + ":"
                            + System.getenv().getOrDefault("PET_MASTER_PORT", Integer.toString(DEFAULT_PORT))
                    : master;
            int colon = where.lastIndexOf(':');
            if (colon < 1) {
                throw new IllegalArgumentException(
                        "--master must be HOST:PORT where there are several machines, not '" + where + "'");
            }
            host = where.substring(0, colon);
            try {
                port = Integer.parseInt(where.substring(colon + 1));
            } catch (NumberFormatException e) {
                throw new IllegalArgumentException(
                        "--master " + where + ": what stands behind the colon is no port", e);
            }
        }
        List<Process> processes = new ArrayList<>();
        List<Thread> threads = new ArrayList<>();
        for (int i = 0; i < here; i++) {
            ProcessBuilder builder = new ProcessBuilder(command());
            Map<String, String> environment = builder.environment();
            int rank = machine * here + i;
            environment.put("RANK", Integer.toString(rank));
            environment.put("LOCAL_RANK", Integer.toString(i));
            environment.put("WORLD_SIZE", Integer.toString(machines * here));
            environment.put("MASTER_ADDR", host);
            environment.put("MASTER_PORT", Integer.toString(port));
            environment.put("TORCHELASTIC_RESTART_COUNT", Integer.toString(restart));
            environment.remove("TORCHELASTIC_USE_AGENT_STORE");
            environment.put(LAUNCHER, Long.toString(ProcessHandle.current().pid()));
            environment.put(RANKS_HERE, Integer.toString(here));
            // Else libtorch prints its own trace of every connection that breaks, beside our line.
            environment.putIfAbsent("TORCH_CPP_LOG_LEVEL", "FATAL");
            int cores = Math.max(1, Runtime.getRuntime().availableProcessors() / here);
            environment.putIfAbsent("OMP_NUM_THREADS", Integer.toString(cores));
            if (i == 0) {
                builder.redirectError(ProcessBuilder.Redirect.INHERIT);
            } else {
                builder.redirectOutput(ProcessBuilder.Redirect.DISCARD);
            }
            Process process = builder.start();
            process.getOutputStream().close(); // nothing to read
            if (i == 0) {
                PrintWriter out = spec.commandLine().getOut();
                // libtorch itself prints a line, and results alone go to standard output.
                threads.add(pass(process.getInputStream(), "rank-0", line -> {
                    if (!line.startsWith("[Gloo]")) {
                        out.println(line);
                        out.flush();
                    }
                }));
            } else {
                threads.add(pass(process.getErrorStream(), "rank-" + rank, line -> passOn(rank, line)));
            }
            processes.add(process);
        }
        return new Group(processes, threads, machine * here);
    }

    private List<String> command() {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(ManagementFactory.getRuntimeMXBean().getInputArguments());
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), "maskfeat.Main"));
        command.addAll(words);
        return command;
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getByName(LOCAL))) {
            return socket.getLocalPort();
        }
    }

    private static Thread pass(InputStream from, String name, Consumer<String> to) {
        Thread thread = new Thread(
                () -> {
                    try (BufferedReader lines =
                            new BufferedReader(new InputStreamReader(from, Charset.defaultCharset()))) {
                        for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                            to.accept(line);
                        }
                    } catch (IOException ended) {
                        return;
                    }
                },
                name);
        thread.setDaemon(true);
        thread.start();
        return thread;
    }

    /** Waits for all; one that fails ends the others. */
    private int run(Group group, StopSignal stop) throws InterruptedException {
        boolean asked = false;
        long failedAt = 0;
        int cause = -1;
        try {
            while (group.anyAlive()) {
                if (stop.getAsBoolean() && !asked) {
                    asked = true;
                    group.processes.forEach(LaunchCommand::askToStop);
                }
                if (cause < 0 && group.failed().isPresent()) {
                    cause = group.failed().get();
                    failedAt = System.nanoTime();
                    say(group, cause);
                }
                if (cause >= 0) {
                    long waited = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - failedAt);
                    group.processes.stream()
                            .filter(process -> waited > (isHalted(process) ? GRACE_MILLIS : SAVING_MILLIS))
                            .forEach(Process::destroyForcibly);
                }
                Thread.sleep(POLL_MILLIS);
            }
        } finally {
            group.processes.forEach(Process::destroyForcibly);
        }
        for (Thread thread : group.threads) {
            thread.join(GRACE_MILLIS);
        }
        if (cause < 0 && group.failed().isPresent()) {
            cause = group.failed().get();
            say(group, cause);
        }
        if (cause < 0) {
            return group.processes.stream().anyMatch(process -> process.exitValue() == Exit.STOPPED)
                    ? Exit.STOPPED
                    : Exit.OK;
        }
        // Of several that ended, one that refused its input is the reason, not those that missed it.
        return group.processes.stream()
                .map(Process::exitValue)
                .filter(code -> code != Exit.OK && code != Exit.STOPPED && code < Exit.SIGNALLED && code != Exit.BUG)
                .filter(code -> code != Exit.RANK_LOST)
                .findFirst()
                .orElse(Exit.RANK_LOST);
    }

    /** Names one that ended without saying why, or by a fault of the program. */
    private static void say(Group group, int index) {
        Process process = group.processes.get(index);
        int code = process.exitValue();
        if (!Exit.isExplained(code)) {
            LOG.warn(
                    "rank {} (process {}) {}",
                    group.first + index,
                    process.pid(),
                    code > Exit.SIGNALLED
                            ? "was killed by signal " + (code - Exit.SIGNALLED)
                            : "ended with exit code " + code);
        }
    }

    /** Whether the system keeps it from running, as after SIGSTOP; false where that cannot be seen. */
    private static boolean isHalted(Process process) {
        try {
            String stat = Files.readString(
                    Path.of("/proc", Long.toString(process.pid()), "stat"), StandardCharsets.ISO_8859_1);
            return stat.substring(stat.lastIndexOf(')') + 1).strip().startsWith("T");
        } catch (IOException ended) {
            return false;
        }
    }

    /** By SIGUSR1, which may come again: SIGTERM may have come from elsewhere already, and a second one ends at once. */
    private static void askToStop(Process process) {
        try {
            new ProcessBuilder("kill", "-USR1", Long.toString(process.pid()))
                    .start()
                    .waitFor();
        } catch (IOException noKill) {
            process.destroy();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
