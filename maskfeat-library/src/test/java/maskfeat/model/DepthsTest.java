package maskfeat.model;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.stream.Stream;
import maskfeat.nn.Init;
import maskfeat.nn.Layer;
import maskfeat.train.OfficialLayers;
import org.bytedeco.javacpp.PointerScope;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class DepthsTest {
    private static Stream<Arguments> networks() {
        return Stream.of(
                Arguments.of(Vit.Config.base(), ClipSize.image(224)),
                Arguments.of(Vit.Config.large().ofVideo(), ClipSize.square(16, 224)),
                Arguments.of(Mvit.Config.small(), ClipSize.square(16, 224)),
                Arguments.of(
                        new Mvit.Config(96, 1, List.of(1, 2, 11, 2), 8, true, true, false, 4, 0),
                        ClipSize.square(16, 224)));
    }

    /** By which the learning rate decays: the official program tells depths by names, the model knows them. */
    @ParameterizedTest
    @MethodSource("networks")
    void areThoseThatTheOfficialProgramTellsByNames(Backbone.Config config, ClipSize size) {
        try (PointerScope scope = new PointerScope();
                Init init = Init.shapesOnly();
                Layer pretraining = new MaskFeat(config.build(size, init), 108, init);
                Layer classifier = new Classifier(config.build(size, init), Classifier.Head.mean(), 400, init)) {
            for (Layer network : List.of(pretraining, classifier)) {
                assertThat(network.depths())
                        .isEqualTo(OfficialLayers.of(network.parameters().keySet()))
                        .isNotEmpty();
            }
        }
    }

    @ParameterizedTest
    @MethodSource("networks")
    void coverTheWholeBackboneAndNothingElse(Backbone.Config config, ClipSize size) {
        try (PointerScope scope = new PointerScope();
                Init init = Init.shapesOnly();
                Backbone backbone = config.build(size, config.depth() - 1, init)) {
            assertThat(backbone.depths().keySet())
                    .isEqualTo(backbone.parameters().keySet());
            assertThat(backbone.depths().values())
                    .contains(0, 1, config.depth() - 1)
                    .doesNotContain(config.depth());
        }
    }
}
