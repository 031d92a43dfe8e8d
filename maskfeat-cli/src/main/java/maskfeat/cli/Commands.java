package maskfeat.cli;

import static java.util.Objects.requireNonNull;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import maskfeat.data.TooManyBadFiles;
import maskfeat.disk.NativeCache;
import maskfeat.disk.Printable;
import maskfeat.disk.WriteFailed;
import maskfeat.eval.NotFinite;
import maskfeat.report.Terminal;
import maskfeat.settings.Nearest;
import maskfeat.torch.RankLost;
import maskfeat.train.RunRefused;
import maskfeat.train.SaveFailed;
import maskfeat.train.TrainingDiverged;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExecutionException;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParseResult;

/** All commands, and what becomes of an error: one line on stderr that says what, where and what to do. */
@Command(
        name = "maskfeat",
        description = "Pre-trains vision transformers on unlabelled video and images by predicting the HOG features of "
                + "masked parts (Wei et al. 2022).",
        mixinStandardHelpOptions = true,
        versionProvider = Version.class,
        footer = {
            "",
            "Examples:",
            "  maskfeat pretrain small-video --data videos",
            "  maskfeat predict runs/actions film.mp4",
            "",
            "Results go to standard output, logs and progress to standard error."
        })
public final class Commands implements Runnable {
    /** The narrowest that picocli can write help in. */
    private static final int NARROWEST = 55;

    private static final Pattern CHOICE = Pattern.compile("one of \\[([A-Z0-9_, ]+)] \\(case-insensitive\\)");

    private static final String INVALID = "Invalid value for ";
    private static final String UNMATCHED = "Unmatched argument";
    private static final String UNKNOWN_OPTIONS = "Unknown options: ";
    private static final String NO_COMMAND = "Unknown subcommand '";

    private static final Pattern JAVA_NUMBER = Pattern.compile("is not an? (int|long|float|double)\\b");
    private static final Set<String> INTEGERS = Set.of("int", "long");

    private static final List<Class<?>> ALL = List.of(
            PretrainCommand.class,
            FinetuneCommand.class,
            TrainFileCommand.class,
            LaunchCommand.class,
            EvaluateCommand.class,
            ProbeCommand.class,
            PredictCommand.class,
            EmbedCommand.class,
            MergeCommand.class,
            ServeCommand.class,
            ExportCommand.class,
            VisualizeCommand.class,
            ReportCommand.class,
            RecipesCommand.class,
            ConfigCommand.class,
            DataCommand.class,
            WeightsCommand.class,
            BenchCommand.class,
            DoctorCommand.class,
            CompletionCommand.class,
            CommandLine.HelpCommand.class);

    @CommandLine.Spec
    private CommandSpec spec = CommandSpec.create();

    @Option(
            names = "--stacktrace",
            scope = CommandLine.ScopeType.INHERIT,
            description = "Print the stack trace of an error.")
    private boolean stacktrace;

    private Commands() {}

    /**
     * Runs a command line.
     *
     * @return the exit code
     */
    public static int execute(String... args) {
        return lineFor(args)
                .setUsageHelpWidth(helpWidth(System.getenv()))
                .setExecutionStrategy(parsed -> run(parsed, Logging::toTerminal))
                .execute(args);
    }

    /** How many characters a line of help has: as {@code COLUMNS} says, 80 without it. */
    static int helpWidth(Map<String, String> environment) {
        return Math.max(NARROWEST, Terminal.of(false, environment).columns());
    }

    /** The parser with all commands. */
    static CommandLine line() {
        return line(command -> true);
    }

    /**
     * The parser of a command line. Reading the options of a command takes picocli some ten milliseconds, so commands that are
     * not among the words have only what the list of commands shows of them.
     */
    static CommandLine lineFor(String... args) {
        Set<String> words = Set.copyOf(Arrays.asList(args));
        boolean all = words.stream().anyMatch(word -> word.startsWith("@")); // a file with more words
        return line(command -> all || words.contains(command));
    }

    private static CommandLine line(Predicate<String> whole) {
        Commands commands = new Commands();
        CommandLine line = new CommandLine(commands);
        for (Class<?> type : ALL) {
            Command command = type.getAnnotation(Command.class);
            if (whole.test(command.name())) {
                line.addSubcommand(type);
                if (type == CommandLine.HelpCommand.class) {
                    requireNonNull(line.getSubcommands().get(command.name()))
                            .getCommandSpec()
                            .usageMessage()
                            .footer("", "Examples:", "  maskfeat help pretrain", "  maskfeat help data");
                }
            } else {
                CommandSpec outline = CommandSpec.create().name(command.name());
                outline.usageMessage().header(command.header()).description(command.description());
                line.addSubcommand(command.name(), outline);
            }
        }
        return commands.speaking(line);
    }

    /** Has another program print its help and explain its errors as this one does, with the same {@link Exit exit codes}. */
    public static CommandLine likeThese(CommandLine line) {
        return new Commands().speaking(line);
    }

    private CommandLine speaking(CommandLine line) {
        flow(line);
        HelpText.arrange(line);
        return line.registerConverter(Path.class, new PlaceConverter())
                .setUsageHelpLongOptionsMaxWidth(24)
                .setCaseInsensitiveEnumValuesAllowed(true)
                .setExecutionStrategy(parsed -> run(parsed, () -> {}))
                .setParameterExceptionHandler(Commands::misused)
                .setExecutionExceptionHandler(this::explain);
    }

    /** Words that a command does not take: what is wrong, what may have been meant and where help is, in place of all the help. */
    private static int misused(CommandLine.ParameterException error, String... args) {
        String hint = "";
        String message = usefulFirst(error);
        String value = error.getArgSpec() == null ? "" : String.valueOf(error.getValue());
        if (error instanceof CommandLine.UnmatchedArgumentException unmatched) {
            String first = unmatched.getUnmatched().get(0);
            Optional<String> noPath = PlaceConverter.refusal(first);
            if (noPath.isPresent() && takesMore(error.getCommandLine())) {
                return refused(error.getCommandLine(), noPath.get() + place(first, args));
            }
            if (!first.startsWith("-")
                    && !error.getCommandLine().getSubcommands().isEmpty()) {
                return refused(error.getCommandLine(), noCommand(error.getCommandLine(), first) + place(first, args));
            }
            if (first.isBlank()) {
                return refused(
                        error.getCommandLine(),
                        "'" + first + "' is an empty word, and no more words are taken; a variable may have no value"
                                + place(first, args));
            }
            hint = meant(error.getCommandLine(), first, args);
            if (message.startsWith(UNKNOWN_OPTIONS)) {
                // picocli names the words behind as well, which are most often its value.
                message = "Unknown option: '" + first + "'";
            }
            if (message.startsWith(UNMATCHED)) {
                message = "'" + first + "' is one word more than is taken here";
            }
        }
        CommandLine line = error.getCommandLine();
        if (error instanceof CommandLine.MissingParameterException) {
            hint = taken(line);
        }
        if (message.startsWith(NO_COMMAND)) {
            String word = message.substring(NO_COMMAND.length()).replaceFirst("'\\.?$", "");
            return refused(line, noCommand(line, word) + place(word, args));
        }
        // picocli shouts the names of a choice.
        message = CHOICE.matcher(message)
                .replaceAll(choice -> "one of " + choice.group(1).toLowerCase(Locale.ROOT));
        message = JAVA_NUMBER
                .matcher(message)
                .replaceAll(type -> INTEGERS.contains(type.group(1)) ? "is no whole number" : "is no number");
        return refused(line, message + place(value, args) + hint);
    }

    /** What may have been meant by a word that a command does not take; empty, or the end of a sentence. */
    private static String meant(CommandLine line, String word, String... args) {
        CommandSpec spec = line.getCommandSpec();
        boolean hasSettings = spec.findOption("--set") != null;
        String name = word.replaceFirst("=.*", "");
        if (hasSettings && Assignments.isOne(word)) {
            return "; " + Assignments.advice(word);
        }
        if (name.equals("--recipe") && takesRecipe(spec)) {
            String recipe = word.contains("=") ? word.substring(name.length() + 1) : behind(word, args);
            return "; the recipe stands without an option: " + Launcher.named(spec.qualifiedName()) + " "
                    + (recipe.isBlank() ? "RECIPE" : Launcher.word(recipe));
        }
        Optional<String> setting = hasSettings ? Assignments.adviceFor(word) : Optional.empty();
        if (setting.isPresent() && name.contains(".")) {
            return "; " + setting.get();
        }
        String near = Nearest.hint(name, options(line));
        if (!near.isEmpty() || !word.startsWith("-")) {
            return near;
        }
        List<String> longer = options(line).stream()
                .filter(option -> name.length() > 3 && option.startsWith(name))
                .toList();
        return setting.map(advice -> "; " + advice)
                .orElse(longer.isEmpty() ? "" : "; did you mean " + String.join(" or ", longer) + "?");
    }

    private static boolean takesRecipe(CommandSpec spec) {
        return spec.positionalParameters().stream()
                .anyMatch(parameter -> parameter.paramLabel().equals("RECIPE"));
    }

    private static String behind(String word, String... args) {
        int at = Arrays.asList(args).indexOf(word);
        return at < 0 || at + 1 >= args.length || args[at + 1].startsWith("-") ? "" : args[at + 1];
    }

    private static int refused(CommandLine line, String text) {
        PrintWriter err = line.getErr();
        RankVoice.of(line.getCommand(), System.getenv()).say(null, Exit.USAGE, text, mark -> {
            ErrorText.print(err, mark, text);
            err.println("'" + Launcher.named(line.getCommandSpec().qualifiedName()) + " --help' tells what it takes");
            err.flush();
        });
        return Exit.USAGE;
    }

    /** Whether a command takes any number of words: picocli ends their list at the first that does not convert, without a word of it. */
    private static boolean takesMore(CommandLine line) {
        return line.getCommandSpec().positionalParameters().stream()
                .anyMatch(parameter -> parameter.index().isVariable());
    }

    /** Where a value that does not fit stands, if it came out of a file of words, which may have thousands. */
    private static String place(String value, String... args) {
        if (value.isEmpty()) {
            return "";
        }
        for (String arg : args) {
            if (!arg.startsWith("@")) {
                continue;
            }
            try {
                List<String> lines = Files.readAllLines(Path.of(arg.substring(1)));
                for (int i = 0; i < lines.size(); i++) {
                    String line = lines.get(i).strip().replace("\"", "");
                    if (line.equals(value) || List.of(line.split("\\s+")).contains(value)) {
                        return " (" + arg.substring(1) + ":" + (i + 1) + ")";
                    }
                }
            } catch (IOException | InvalidPathException isNone) {
                // a word that merely begins like one
            }
        }
        return "";
    }

    /** picocli says which of its words a value stands for before what is wrong with it. */
    private static String usefulFirst(CommandLine.ParameterException error) {
        String message = String.valueOf(error.getMessage()).strip();
        CommandLine.Model.ArgSpec of = error.getArgSpec();
        if (of == null || !message.startsWith(INVALID)) {
            return message;
        }
        String name = of instanceof CommandLine.Model.OptionSpec option ? option.longestName() : "";
        for (String end : List.of(" (" + of.paramLabel() + "): ", "option '" + name + "': ")) {
            int at = message.indexOf(end);
            if (at > 0) {
                String ours = message.substring(at + end.length());
                return name.isEmpty() || ours.contains(name) ? ours : name + ": " + ours;
            }
        }
        return message;
    }

    /** An empty word is like no other: nearest to it would be whatever is short. */
    private static String noCommand(CommandLine line, String word) {
        Set<String> known = line.getSubcommands().keySet();
        String near = word.isBlank() ? "" : Nearest.hint(word, known);
        return "'" + word + "' is no command" + (near.isEmpty() ? "; there are " + String.join(", ", known) : near);
    }

    private static List<String> options(CommandLine line) {
        return line.getCommandSpec().options().stream()
                .filter(option -> !option.hidden())
                .map(CommandLine.Model.OptionSpec::longestName)
                .toList();
    }

    /** What the words that are there were taken for, where one more is missing: often the first is the missing one. */
    private static String taken(CommandLine line) {
        return line.getCommandSpec().positionalParameters().stream()
                .filter(parameter -> !parameter.stringValues().isEmpty())
                .map(parameter -> "; '" + parameter.stringValues().get(0) + "' was taken as " + parameter.paramLabel())
                .collect(Collectors.joining());
    }

    /** Lines that break within a sentence in the source are joined, so that they break at the width of the terminal alone. */
    private static void flow(CommandLine line) {
        CommandLine.Model.UsageMessageSpec usage = line.getCommandSpec().usageMessage();
        usage.description(flowing(usage.description())).footer(flowing(usage.footer()));
        line.getSubcommands().values().forEach(Commands::flow);
    }

    /** Paragraphs: a line goes on the one before, unless either is empty or indented, or the one before ends a sentence. */
    static String[] flowing(String... lines) {
        List<String> paragraphs = new ArrayList<>();
        boolean open = false;
        for (String line : lines) {
            boolean prose = !line.isEmpty() && !line.startsWith(" ");
            if (open && prose) {
                int last = paragraphs.size() - 1;
                paragraphs.set(last, paragraphs.get(last) + " " + line);
            } else {
                paragraphs.add(line);
            }
            open = prose && !line.endsWith(".") && !line.endsWith(":") && !line.endsWith("%n");
        }
        return paragraphs.toArray(String[]::new);
    }

    @Override
    public void run() {
        spec.commandLine().usage(spec.commandLine().getOut(), CommandLine.Help.Ansi.OFF);
    }

    /** The library hands exceptions on to be explained; a full heap is an error, which would end as a bare trace. */
    private static int run(ParseResult parsed, Runnable logging) {
        CommandLine root = parsed.commandSpec().root().commandLine();
        Integer help = CommandLine.executeHelpRequest(parsed);
        if (help != null) {
            return help; // in colours where the terminal has them
        }
        logging.run();
        PrintWriter out = root.getOut();
        PrintWriter err = root.getErr();
        try {
            root.setOut(PlainWriter.of(out)).setErr(PlainWriter.of(err));
            return new CommandLine.RunLast().execute(parsed);
        } catch (OutOfMemoryError | LinkageError broken) {
            List<CommandLine> lines = parsed.asCommandLineList();
            throw new ExecutionException(lines.get(lines.size() - 1), String.valueOf(broken.getMessage()), broken);
        } finally {
            root.getOut().flush();
            root.getErr().flush();
            root.setOut(out).setErr(err);
        }
    }

    private int explain(Exception error, CommandLine line, ParseResult parsed) {
        Throwable cause = error;
        while ((cause instanceof UncheckedIOException
                        || cause instanceof ExecutionException
                        || cause instanceof ExceptionInInitializerError)
                && cause.getCause() != null) {
            cause = cause.getCause();
        }
        if (cause instanceof LinkageError && NativeCache.failure().isPresent()) {
            cause = NativeCache.failure().get();
        }
        int code = code(cause);
        String text = sentence(cause, code);
        RankVoice.of(line.getCommand(), System.getenv())
                .say(cause, code, text, mark -> print(line, mark, text, code, error));
        return code;
    }

    /** @param mark stands before the error */
    private void print(CommandLine line, String mark, String text, int code, Exception error) {
        PrintWriter err = line.getErr();
        ErrorText.print(err, mark, text);
        if (code == Exit.MEMORY) {
            if (line.getCommand() instanceof MemoryAdvice advice) {
                ErrorText.more(err, advice.lessMemory());
            }
            err.println("If it is the Java heap, give it more with MASKFEAT_JAVA_OPTS=-Xmx8g.");
        }
        if (stacktrace || code == Exit.BUG) {
            StringWriter trace = new StringWriter();
            error.printStackTrace(new PrintWriter(trace));
            err.print(Printable.lines(trace.toString()));
        }
        err.flush();
    }

    private static int code(Throwable error) {
        if (error instanceof OutOfMemoryError || isNativeOutOfMemory(error)) {
            return Exit.MEMORY;
        }
        if (error instanceof TooManyBadFiles) {
            return Exit.BAD_FILES;
        }
        if (error instanceof UnsatisfiedLinkError && NativeCache.failure().isPresent()) {
            return Exit.DISK;
        }
        if (error instanceof RankLost) {
            return Exit.RANK_LOST;
        }
        if (error instanceof NotFinite) {
            return Exit.INPUT;
        }
        if (error instanceof TrainingDiverged) {
            return Exit.DIVERGED;
        }
        if (error instanceof SaveFailed || error instanceof WriteFailed || isTroubleOfTheDisk(error)) {
            return Exit.DISK;
        }
        if (error instanceof RunRefused || error instanceof InvalidPathException || isRefusedByUs(error)) {
            return Exit.USAGE;
        }
        return error instanceof IOException ? Exit.INPUT : Exit.BUG;
    }

    /**
     * Our own checks of options and settings throw an IllegalArgumentException that says what would do. One that the JDK,
     * libtorch or a library throws means that we called it wrongly, as an IllegalStateException of ours does.
     */
    private static boolean isRefusedByUs(Throwable error) {
        StackTraceElement[] trace = error.getStackTrace();
        return error instanceof IllegalArgumentException
                && trace.length > 0
                && trace[0].getClassName().startsWith("maskfeat.");
    }

    // libtorch has no type for it: a bare RuntimeException from either allocator
    private static boolean isNativeOutOfMemory(Throwable error) {
        String message = String.valueOf(error.getMessage());
        return message.contains("can't allocate memory")
                || message.contains("out of memory")
                || message.contains(OutOfMemoryError.class.getName()); // libtorch hands on what Java threw inside of it
    }

    /** What the system says where something could not be written that nobody said the path of. */
    private static boolean isTroubleOfTheDisk(Throwable error) {
        String message = error instanceof FileSystemException failed
                ? String.valueOf(failed.getReason())
                : error instanceof IOException ? String.valueOf(error.getMessage()) : "";
        return Stream.of("No space left", "Disk quota exceeded", "Read-only file system", "File too large")
                .anyMatch(message::contains);
    }

    private static String sentence(Throwable error, int code) {
        if (error instanceof NoSuchFileException missing) {
            String reason = missing.getReason();
            return missing.getFile() + ": " + (reason == null ? "there is no such file" : reason);
        }
        if (error instanceof FileSystemException failed && failed.getReason() == null) {
            return failed.getFile() + ": "
                    + (error instanceof AccessDeniedException
                            ? "may not be read or written; look at its permissions"
                            : error instanceof FileAlreadyExistsException
                                    ? "is there already"
                                    : error.getClass().getSimpleName());
        }
        String message = String.valueOf(error.getMessage());
        // libtorch adds some twenty lines of C++ frames
        String first = message.lines().findFirst().orElse(message);
        return code == Exit.BUG
                ? error.getClass().getSimpleName().toLowerCase(Locale.ROOT) + ": " + first
                : code == Exit.MEMORY ? first : message;
    }
}
