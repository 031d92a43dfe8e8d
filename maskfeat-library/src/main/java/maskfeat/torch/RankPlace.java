package maskfeat.torch;

import java.lang.management.ManagementFactory;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Where a process stands among those that train together, as what started it says in its environment.
 *
 * @param rank of this process, from 0
 * @param size number of processes
 * @param host where rank 0 or the agent keeps the store in which they find each other
 * @param port of the store
 * @param agentStore whether who started the processes keeps the store; otherwise rank 0 does
 * @param restarts how often the processes were started again before
 * @param from what told it, for messages
 */
public record RankPlace(int rank, int size, String host, int port, boolean agentStore, int restarts, String from) {
    private static final int DEFAULT_PORT = 29500; // torchrun's
    private static final int MOST_PORTS = 65535;
    private static final Pattern FIRST_HOST = Pattern.compile("([^,\\[]+)(?:\\[(\\d+)[^\\]]*\\])?.*");

    public RankPlace {
        if (size < 1 || rank < 0 || rank >= size) {
            throw new IllegalArgumentException(from + ": rank " + rank + " of " + size
                    + " cannot be: ranks are counted from 0 to the number of processes less one");
        }
        if (port < 1 || port > MOST_PORTS) {
            throw new IllegalArgumentException(
                    "the port to meet at (MASTER_PORT) is " + port + ", and ports are 1 to " + MOST_PORTS);
        }
    }

    /** Whether there are others. */
    public boolean hasOthers() {
        return size > 1;
    }

    /** Whether all meet on this machine, out of reach of others. */
    public boolean isHere() {
        return List.of("127.0.0.1", "localhost", "::1").contains(host);
    }

    /** The name of this machine; where it has none, what else tells it from others. */
    public static String thisHost() {
        try {
            return InetAddress.getLocalHost().getHostName();
        } catch (UnknownHostException e) {
            return ManagementFactory.getRuntimeMXBean().getName();
        }
    }

    /**
     * Reads the variables of torchrun and of what keeps to its contract ({@code RANK}, {@code WORLD_SIZE}, {@code MASTER_ADDR},
     * {@code MASTER_PORT}), of Kubeflow's trainer ({@code PET_*}, one process a node), of Open MPI and of Slurm, in this order.
     *
     * @return empty if none says that there are several processes
     * @throws IllegalArgumentException if a variable is missing or is no number, naming it
     */
    public static Optional<RankPlace> of(Map<String, String> environment) {
        Variables variables = new Variables(environment);
        if (variables.has("WORLD_SIZE") && variables.has("RANK")) {
            return place(
                    variables,
                    "RANK",
                    "WORLD_SIZE",
                    variables.text("MASTER_ADDR"),
                    variables.number("MASTER_PORT", DEFAULT_PORT));
        }
        if (variables.has("MASTER_ADDR") && variables.has("WORLD_SIZE") != variables.has("RANK")) {
            boolean rank = variables.has("RANK");
            throw new IllegalArgumentException("MASTER_ADDR and " + (rank ? "RANK" : "WORLD_SIZE") + " are set, and "
                    + (rank ? "WORLD_SIZE" : "RANK")
                    + " is not: a process would train alone that is to be one of several; set it, or unset the others");
        }
        if (variables.has("PET_NNODES") && variables.has("PET_NODE_RANK")) {
            if (variables.has("PET_NPROC_PER_NODE") && !variables.isOne("PET_NPROC_PER_NODE")) {
                throw new IllegalArgumentException("PET_NPROC_PER_NODE is " + variables.text("PET_NPROC_PER_NODE")
                        + ", and PET_NODE_RANK tells one process of a node alone; start those of a node with"
                        + " 'maskfeat launch'");
            }
            return place(
                    variables,
                    "PET_NODE_RANK",
                    "PET_NNODES",
                    variables.text("PET_MASTER_ADDR"),
                    variables.number("PET_MASTER_PORT", DEFAULT_PORT));
        }
        if (variables.has("OMPI_COMM_WORLD_SIZE")) {
            return place(
                    variables,
                    "OMPI_COMM_WORLD_RANK",
                    "OMPI_COMM_WORLD_SIZE",
                    variables.text("MASTER_ADDR"),
                    variables.number("MASTER_PORT", DEFAULT_PORT));
        }
        if (variables.has("SLURM_NTASKS") && variables.has("SLURM_PROCID")) {
            return place(
                    variables,
                    "SLURM_PROCID",
                    "SLURM_NTASKS",
                    variables.has("MASTER_ADDR")
                            ? variables.text("MASTER_ADDR")
                            : firstHost(variables.text("SLURM_JOB_NODELIST")),
                    variables.number("MASTER_PORT", DEFAULT_PORT));
        }
        return Optional.empty();
    }

    private static Optional<RankPlace> place(Variables variables, String rank, String size, String host, int port) {
        RankPlace place = new RankPlace(
                variables.number(rank),
                variables.number(size),
                host,
                port,
                List.of("True", "true", "1").contains(variables.text("TORCHELASTIC_USE_AGENT_STORE", "")),
                restarts(variables),
                rank + " and " + size);
        return place.hasOthers() ? Optional.of(place) : Optional.empty();
    }

    /**
     * How often the process was started again before, alone or with others: by torchrun or {@code launch}, and by Slurm, which puts a
     * job back into its queue.
     *
     * @throws IllegalArgumentException if a variable is no number, naming it
     */
    public static int restarts(Map<String, String> environment) {
        return restarts(new Variables(environment));
    }

    private static int restarts(Variables variables) {
        return variables.number("TORCHELASTIC_RESTART_COUNT", 0) + variables.number("SLURM_RESTART_COUNT", 0);
    }

    /** The first host of Slurm's list, such as gpu007 of {@code gpu[007-010,012],cpu1}. */
    static String firstHost(String list) {
        Matcher matcher = FIRST_HOST.matcher(list.strip());
        if (!matcher.matches()) {
            throw new IllegalArgumentException(
                    "SLURM_JOB_NODELIST is '" + list + "', which names no host; set MASTER_ADDR to that of rank 0");
        }
        return matcher.group(1) + (matcher.group(2) == null ? "" : matcher.group(2));
    }

    private record Variables(Map<String, String> all) {
        boolean has(String name) {
            return !all.getOrDefault(name, "").isBlank();
        }

        boolean isOne(String name) {
            return text(name).equals("1");
        }

        String text(String name) {
            if (!has(name)) {
                throw new IllegalArgumentException(
                        "the environment says that several processes train together, but " + name + " is not set");
            }
            return all.getOrDefault(name, "").strip();
        }

        String text(String name, String otherwise) {
            return has(name) ? text(name) : otherwise;
        }

        int number(String name) {
            try {
                return Integer.parseInt(text(name));
            } catch (NumberFormatException e) {
                throw new IllegalArgumentException(name + " is '" + text(name) + "', which is no whole number", e);
            }
        }

        int number(String name, int otherwise) {
            return has(name) ? number(name) : otherwise;
        }
    }
}
