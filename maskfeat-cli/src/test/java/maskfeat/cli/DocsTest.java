package maskfeat.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import java.io.File;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringReader;
import java.io.StringWriter;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import javax.tools.Diagnostic;
import javax.tools.DiagnosticCollector;
import javax.tools.JavaCompiler;
import javax.tools.JavaFileObject;
import javax.tools.SimpleJavaFileObject;
import javax.tools.ToolProvider;
import javax.xml.parsers.DocumentBuilderFactory;
import maskfeat.data.ImageDataset;
import maskfeat.data.VideoDataset;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.w3c.dom.Document;
import org.w3c.dom.Element;
import org.xml.sax.InputSource;
import picocli.CommandLine;
import picocli.CommandLine.ParseResult;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.dataformat.yaml.YAMLMapper;

/**
 * What README and docs say is true as far as a machine can tell. The rules, for who writes them:
 *
 * <ul>
 *   <li>A block without a language, or of {@code sh}, is shell commands. Each {@code ./maskfeat} line must be one that the
 *       program takes, with recipes and settings that exist; commands that only print are run. Anything else that is
 *       shown, such as output or a list of files, is a block of {@code text}.
 *   <li>A block of {@code java} compiles by itself against the library: it is a file with a class, or imports followed by
 *       the statements of a method that may throw anything.
 *   <li>Blocks of {@code yaml}, {@code json} and {@code xml} can be parsed, and Maven coordinates in them are ours.
 *   <li>A link that is not a URL leads to a file of the project and, after {@code #}, to a heading in it.
 * </ul>
 */
class DocsTest {
    private static final Path ROOT = root();

    /** Programs of others; what they are told is theirs to check. */
    private static final Set<String> OTHER_PROGRAMS = Set.of(
            "cd", "curl", "docker", "export", "git", "java", "ls", "mkdir", "npm", "tar", "tensorboard", "unzip");

    private static final Set<String> PHASES =
            Set.of("clean", "compile", "test-compile", "test", "package", "verify", "install");

    /** Commands that print and are done: they are run. */
    private static final Set<String> QUICK = Set.of("recipes", "config");

    @TempDir
    private Path folder = Path.of("");

    @TestFactory
    Stream<DynamicTest> shellCommandsAreThoseOfTheProgram() throws IOException {
        return commands(Markdown.pages(ROOT));
    }

    @TestFactory
    Stream<DynamicTest> javaBlocksCompileByThemselves() throws IOException {
        return blocks("java").map(block -> dynamicTest(name(block), () -> compile(block.text())));
    }

    @TestFactory
    Stream<DynamicTest> dataBlocksCanBeParsed() throws IOException {
        return Stream.of(
                        blocks("yaml")
                                .map(block -> dynamicTest(name(block), () -> new YAMLMapper().readTree(block.text()))),
                        blocks("json")
                                .map(block -> dynamicTest(name(block), () -> new JsonMapper().readTree(block.text()))),
                        blocks("xml").map(block -> dynamicTest(name(block), () -> checkXml(block.text()))))
                .flatMap(each -> each);
    }

    @TestFactory
    Stream<DynamicTest> linksLeadSomewhere() throws IOException {
        List<Markdown> pages = Markdown.pages(ROOT);
        return pages.stream()
                .flatMap(page -> page.links().stream())
                .map(link -> dynamicTest(
                        ROOT.relativize(link.file()) + ":" + link.line() + " " + link.target(),
                        () -> checkLink(link, pages)));
    }

    /** An empty stream of tests would pass too. */
    @Test
    void thereIsSomethingToCheck() throws IOException {
        List<Markdown> pages = Markdown.pages(ROOT);
        assertThat(pages)
                .extracting(page -> ROOT.relativize(page.file()).toString())
                .contains("README.md");
        assertThat(commands(pages)).hasSizeGreaterThan(1);
        assertThat(pages).anySatisfy(page -> assertThat(page.links()).isNotEmpty());
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
                    ./maskfeat pretrain --datta photos/                  | --datta
                    ./maskfeat pretrian                                  | pretrian
                    ./maskfeat pretrain no-such-recipe                   | no-such-recipe
                    ./maskfeat pretrain --set train.bacth=4              | train.bacth
                    ./maskfeat config tiny-video --set train.batch=many  | train.batch
                    ./maskfeat report                                    | RUN
                    mvn verfy                                            | verfy
                    mvn -Pno-such-profile verify                         | no-such-profile
                    .ci/no-such-file                                     | no-such-file
                    config.yaml command.txt                              | config.yaml
                    """)
    void aCommandThatWouldNotWorkIsRefused(String command, String said) {
        assertThatThrownBy(() -> check(ShellBlock.commands(command).get(0).words()))
                .hasMessageContaining(said);
    }

    @Test
    void whatAShellWouldReadIsRead() {
        assertThat(ShellBlock.commands("$ A=1 ./maskfeat a \\\n   'b c' --d=\"e #f\" # g\n\n# h\nx > y | z && w"))
                .extracting(ShellBlock.Command::words)
                .containsExactly(
                        List.of("./maskfeat", "a", "b c", "--d=e #f"), List.of("x"), List.of("z"), List.of("w"));
    }

    @Test
    void aBlockWithoutItsImportsDoesNotCompile() {
        assertThatThrownBy(() -> compile("Path file = Path.of(\"a\");\n")).hasMessageContaining("Path");
        compile("import java.nio.file.Path;\n\nPath file = Path.of(\"a\");\n");
        assertThatThrownBy(() -> compile("import picocli.CommandLine;\n\nSystem.out.println(CommandLine.VERSION);\n"))
                .as("the library's user has no picocli")
                .hasMessageContaining("picocli");
    }

    @Test
    void aLinkToNothingIsRefused() throws IOException {
        Path page = folder.resolve("page.md");
        Files.writeString(page, "# One and two\n\n## Two: `three`\n\n## Two: `three`\n");
        List<Markdown> pages = List.of(Markdown.parse(page, Files.readString(page)));
        for (String good : List.of("page.md", "#one-and-two", "page.md#two-three-1", "https://example.org/x", ".")) {
            checkLink(new Markdown.Link(page, 1, good), pages);
        }
        for (String bad : List.of("no.md", "#two", "page.md#two-three-2")) {
            assertThatThrownBy(() -> checkLink(new Markdown.Link(page, 1, bad), pages))
                    .hasMessageContaining(bad);
        }
    }

    private static Stream<DynamicTest> commands(List<Markdown> pages) {
        List<DynamicTest> tests = new ArrayList<>();
        for (Markdown page : pages) {
            for (Markdown.Block block : page.blocks()) {
                if (!Set.of("", "sh", "shell", "bash", "console").contains(block.language())) {
                    continue;
                }
                for (ShellBlock.Command command : ShellBlock.commands(block.text())) {
                    tests.add(dynamicTest(
                            ROOT.relativize(block.file()) + ":" + (block.line() + command.line()) + " "
                                    + String.join(" ", command.words()),
                            () -> check(command.words())));
                }
            }
        }
        return tests.stream();
    }

    private static Stream<Markdown.Block> blocks(String language) throws IOException {
        return Markdown.pages(ROOT).stream()
                .flatMap(page -> page.blocks().stream())
                .filter(block -> block.language().equals(language));
    }

    private static String name(Markdown.Block block) {
        return ROOT.relativize(block.file()) + ":" + block.line();
    }

    private static void check(List<String> words) throws IOException {
        String program = words.get(0);
        List<String> args = words.subList(1, words.size());
        if (Set.of("./maskfeat", "maskfeat").contains(program)) {
            checkMaskfeat(args);
        } else if (program.equals("mvn")) {
            checkMaven(args);
        } else if (program.startsWith("./") || program.startsWith(".ci/")) {
            assertThat(ROOT.resolve(program)).isExecutable();
        } else {
            assertThat(OTHER_PROGRAMS)
                    .as("a block without a language is shell commands; other text goes into a block of text")
                    .contains(program);
        }
    }

    private static void checkMaskfeat(List<String> args) {
        CommandLine line = Commands.line();
        ParseResult parsed = line.parseArgs(args.toArray(String[]::new));
        List<CommandLine> lines = parsed.asCommandLineList();
        ParseResult last = lines.get(lines.size() - 1).getParseResult();
        String command = last.commandSpec().name();
        if (QUICK.contains(command) && !last.hasMatchedOption("--config")) {
            run(args);
        }
        List<String> config = new ArrayList<>();
        last.matchedPositionals().stream()
                .filter(positional -> positional.paramLabel().equals("RECIPE"))
                .forEach(recipe -> config.addAll(recipe.stringValues()));
        if (config.isEmpty() && command.equals("finetune")) {
            config.add("tiny-video-ft"); // the recipe is found by the weights: one of those that it may be
        }
        if (last.hasMatchedOption("--set")) {
            last.matchedOption("--set").stringValues().forEach(setting -> config.addAll(List.of("--set", setting)));
        }
        if (!config.isEmpty()) {
            config.add(0, "config");
            run(config);
        }
    }

    private static void run(List<String> args) {
        StringWriter err = new StringWriter();
        CommandLine line = Commands.line();
        line.setOut(new PrintWriter(new StringWriter()));
        line.setErr(new PrintWriter(err, true));
        int code = line.execute(args.toArray(String[]::new));
        assertThat(code).as(String.join(" ", args) + " says: " + err).isZero();
    }

    private static void checkMaven(List<String> args) throws IOException {
        String poms = "";
        for (String pom :
                List.of("pom.xml", "maskfeat-library/pom.xml", "maskfeat-cli/pom.xml", "maskfeat-spark/pom.xml")) {
            poms += Files.readString(ROOT.resolve(pom));
        }
        for (int i = 0; i < args.size(); i++) {
            String arg = args.get(i);
            if (arg.equals("-pl") || arg.equals("-f")) {
                assertThat(ROOT.resolve(args.get(++i))).exists();
            } else if (arg.startsWith("-P")) {
                for (String profile : arg.substring(2).split(",")) {
                    assertThat(poms).contains("<id>" + profile + "</id>");
                }
            } else if (!arg.startsWith("-") && !arg.matches("[a-z]+(-[a-z]+)*:[a-z]+(-[a-z]+)*")) {
                assertThat(PHASES).contains(arg);
            }
        }
    }

    private void compile(String block) {
        boolean isFile = Pattern.compile(
                        "^(public |final |abstract |sealed )*(class|record|interface|enum) ", Pattern.MULTILINE)
                .matcher(block)
                .find();
        Matcher named = Pattern.compile("public [a-z ]*(?:class|record|interface|enum) (\\w+)")
                .matcher(block);
        String name = isFile && named.find() ? named.group(1) : "Block";
        String source = isFile ? block : inMethod(block);
        JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
        DiagnosticCollector<JavaFileObject> problems = new DiagnosticCollector<>();
        JavaFileObject file =
                new SimpleJavaFileObject(URI.create("block:///" + name + ".java"), JavaFileObject.Kind.SOURCE) {
                    @Override
                    public CharSequence getCharContent(boolean ignoreEncodingErrors) {
                        return source;
                    }
                };
        boolean compiled = compiler.getTask(
                        null,
                        null,
                        problems,
                        List.of("-proc:none", "-classpath", libraryClassPath(), "-d", folder.toString()),
                        null,
                        List.of(file))
                .call();
        assertThat(compiled)
                .as(() -> problems.getDiagnostics().stream()
                        .filter(problem -> problem.getKind() == Diagnostic.Kind.ERROR)
                        .map(problem -> "line " + problem.getLineNumber() + ": " + problem.getMessage(Locale.ROOT))
                        .collect(Collectors.joining("\n", "", "\nin:\n" + source)))
                .isTrue();
    }

    private static String inMethod(String block) {
        Map<Boolean, List<String>> lines =
                block.lines().collect(Collectors.partitioningBy(line -> line.startsWith("import ")));
        return String.join("\n", lines.getOrDefault(true, List.of()))
                + "\nclass Block {\n    public static void main(String[] args) throws Exception {\n"
                + String.join("\n", lines.getOrDefault(false, List.of())) + "\n    }\n}\n";
    }

    /** What a user of the library has, and ONNX Runtime. */
    private static String libraryClassPath() {
        return Arrays.stream(System.getProperty("java.class.path").split(File.pathSeparator))
                .filter(entry -> !entry.contains("picocli")
                        && !entry.contains("logback")
                        && !entry.contains("maskfeat-cli")
                        && !entry.contains("test-classes")
                        && !entry.contains("-tests.jar"))
                .collect(Collectors.joining(File.pathSeparator));
    }

    private static void checkXml(String text) throws Exception {
        Document pom = xml(Files.readString(ROOT.resolve("pom.xml")));
        Document block = xml("<block>" + text.replaceFirst("<\\?xml[^>]*>", "") + "</block>");
        for (int i = 0; i < block.getElementsByTagName("dependency").getLength(); i++) {
            Element dependency =
                    (Element) block.getElementsByTagName("dependency").item(i);
            if (child(dependency, "artifactId").startsWith("maskfeat")) {
                Element project = pom.getDocumentElement();
                assertThat(child(dependency, "groupId")).isEqualTo(child(project, "groupId"));
                assertThat(child(dependency, "version")).isEqualTo(child(project, "version"));
            }
        }
    }

    private static Document xml(String text) throws Exception {
        return DocumentBuilderFactory.newInstance().newDocumentBuilder().parse(new InputSource(new StringReader(text)));
    }

    private static String child(Element parent, String name) {
        return parent.getElementsByTagName(name).item(0).getTextContent();
    }

    private static void checkLink(Markdown.Link link, List<Markdown> pages) {
        if (link.target().matches("[a-z]+:.*")) {
            return;
        }
        String path = link.target().replaceFirst("#.*", "");
        Path file = path.isEmpty()
                ? link.file()
                : link.file().resolveSibling(path).toAbsolutePath().normalize();
        assertThat(file).as(link.target()).exists();
        if (link.target().contains("#")) {
            assertThat(pages).as(link.target()).anySatisfy(page -> {
                assertThat(page.file().toAbsolutePath()).isEqualTo(file.toAbsolutePath());
                assertThat(page.headings()).contains(link.target().replaceFirst(".*#", ""));
            });
        }
    }

    /** The messages that name the common ones say that the page has all. */
    @Test
    void thePageOfDataListsTheEndings() throws IOException {
        String page = Files.readString(ROOT.resolve("docs/data.md"));
        assertThat(endings(page, "images")).containsExactlyInAnyOrderElementsOf(ImageDataset.ENDINGS);
        assertThat(endings(page, "videos")).containsExactlyInAnyOrderElementsOf(VideoDataset.ENDINGS);
    }

    private static List<String> endings(String page, String of) {
        Matcher list = Pattern.compile("(?s)\n\\* of " + of + ": ([^.:]*?)\n(?=\\*|\n)")
                .matcher(page);
        assertThat(list.find()).as(of).isTrue();
        return Arrays.stream(list.group(1).split(",\\s+"))
                .map(ending -> ending.replace("`", ""))
                .toList();
    }

    static Path root() {
        Path folder = Path.of("").toAbsolutePath();
        while (!Files.exists(folder.resolve("README.md")) || !Files.exists(folder.resolve("maskfeat-cli"))) {
            Path parent = folder.getParent();
            if (parent == null) {
                throw new IllegalStateException(
                        "no folder above " + Path.of("").toAbsolutePath() + " is the project's: it has README.md");
            }
            folder = parent;
        }
        return folder;
    }
}
