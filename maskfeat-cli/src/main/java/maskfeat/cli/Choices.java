package maskfeat.cli;

import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.TreeSet;
import java.util.stream.Stream;
import maskfeat.ablation.Ablation;
import maskfeat.ablation.Row;
import maskfeat.data.Preparation;
import maskfeat.data.Scan;
import maskfeat.eval.BoxProtocol;
import maskfeat.network.WeightsConversion;
import maskfeat.people.PeopleFinder;
import maskfeat.run.Recipes;
import maskfeat.settings.Explanation;
import maskfeat.torch.Precision;

/** What a shell proposes as values of options, in small letters; read when they are asked for. */
final class Choices {
    private Choices() {}

    /** The names of constants as options take them. */
    static List<String> of(Enum<?>... constants) {
        return Arrays.stream(constants)
                .map(each -> each.name().toLowerCase(Locale.ROOT))
                .toList();
    }

    /** All keys of settings that any recipe or any kind of a group has. */
    static List<String> settings() {
        return Settings.KEYS;
    }

    /** Read once, as a script of completions asks for them for each command. */
    private static final class Settings {
        static final List<String> KEYS = all();

        private Settings() {}

        private static List<String> all() {
            TreeSet<String> keys = new TreeSet<>();
            add(
                    Recipes.BOOK.settings(Recipes.DEFAULT).explain(),
                    keys); // with all kinds of each group, it has every key
            return List.copyOf(keys);
        }
    }

    private static void add(List<Explanation> explanations, TreeSet<String> keys) {
        for (Explanation each : explanations) {
            if (!each.expected().isEmpty()) { // else a group
                keys.add(each.key());
            }
            each.kinds().forEach(kind -> add(kind.settings(), keys));
        }
    }

    /** Of a list that is made when it is read. */
    private abstract static class Words implements Iterable<String> {
        abstract List<String> words();

        @Override
        public final Iterator<String> iterator() {
            return words().iterator();
        }
    }

    /** How to read files. */
    static final class ScanKinds extends Words {
        @Override
        List<String> words() {
            return of(Scan.As.values());
        }
    }

    /** What becomes of animations. */
    static final class Animations extends Words {
        @Override
        List<String> words() {
            return of(Preparation.Animations.values());
        }
    }

    /** What pictures detectors of people take. */
    static final class Pixels extends Words {
        @Override
        List<String> words() {
            return of(PeopleFinder.Pixels.values());
        }
    }

    /** What makes probabilities of their logits. */
    static final class Activations extends Words {
        @Override
        List<String> words() {
            return of(PeopleFinder.Activation.values());
        }
    }

    /** Programs whose names weights can be written with. */
    static final class Programs extends Words {
        @Override
        List<String> words() {
            return of(WeightsConversion.Form.values());
        }
    }

    /** In which numbers is computed. */
    static final class Precisions extends Words {
        @Override
        List<String> words() {
            return Arrays.stream(Precision.values()).map(Precision::toString).toList();
        }
    }

    /** Rules of average precision. */
    static final class Protocols extends Words {
        @Override
        List<String> words() {
            return of(BoxProtocol.values());
        }
    }

    /** Devices that most machines have. */
    static final class Devices extends Words {
        @Override
        List<String> words() {
            return List.of("auto", "cpu", "cuda");
        }
    }

    /** What is learned by fine-tuning. */
    static final class Tasks extends Words {
        @Override
        List<String> words() {
            return Recipes.of(FinetuneCommand.NAME).stream()
                    .map(name -> Recipes.named(name).task().kind())
                    .distinct()
                    .toList();
        }
    }

    /** Keys of settings, each with the sign that its value stands behind. */
    static final class Keys extends Words {
        @Override
        List<String> words() {
            return settings().stream().map(key -> key + "=").toList();
        }
    }

    /** Rows and groups of rows of comparisons. */
    static final class Rows extends Words {
        @Override
        List<String> words() {
            return Stream.of(Ablation.ofImages(), Ablation.ofClips())
                    .flatMap(all -> Stream.concat(
                            all.groups().stream(), all.rows().stream().map(Row::name)))
                    .distinct()
                    .toList();
        }
    }

    /** Recipes of contrastive learning. */
    static final class ContrastRecipes extends Words {
        @Override
        List<String> words() {
            return Recipes.of(PretrainCommand.NAME, "contrast");
        }
    }

    /** Recipes of masked prediction. */
    static final class MaskedRecipes extends Words {
        @Override
        List<String> words() {
            return Recipes.of(PretrainCommand.NAME, "masked");
        }
    }

    /** Commands that several processes can do together. */
    static final class Trainings extends Words {
        @Override
        List<String> words() {
            return List.of(PretrainCommand.NAME, FinetuneCommand.NAME, "train");
        }
    }
}
