package maskfeat.torch;

import static org.assertj.core.api.Assertions.assertThat;

import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Generator;
import org.bytedeco.pytorch.GeneratorOptional;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.Test;

class GeneratorsTest {
    private static float[] draw(int count) {
        try (PointerScope scope = new PointerScope()) {
            return Arrays.floats(torch.randn(count));
        }
    }

    private static float[] draw(Generator generator) {
        try (PointerScope scope = new PointerScope()) {
            return Arrays.floats(torch.randn(new long[] {7}, new GeneratorOptional(generator)));
        }
    }

    @Test
    void theSameSeedDrawsTheSameNumbers() {
        Generators.seed(5);
        float[] first = draw(9);
        assertThat(draw(9)).isNotEqualTo(first);
        Generators.seed(5);
        assertThat(draw(9)).isEqualTo(first);
        Generators.seed(6);
        assertThat(draw(9)).isNotEqualTo(first);
    }

    @Test
    void aRestoredStateDrawsOnFromThere() {
        Generators.seed(5);
        draw(3); // an odd number: half a pair of normal numbers is left over and part of the state
        byte[] state = Generators.state();
        float[] next = draw(9);
        Generators.seed(99);
        Generators.restore(state);
        assertThat(draw(9)).isEqualTo(next);
    }

    @Test
    void askingForTheStateDrawsNothing() {
        Generators.seed(5);
        byte[] state = Generators.state();
        assertThat(Generators.state()).isEqualTo(state);
        draw(1);
        assertThat(Generators.state()).isNotEqualTo(state);
    }

    @Test
    void aGeneratorOfItsOwnLeavesTheDefaultOneAlone() {
        try (PointerScope scope = new PointerScope()) {
            byte[] before = Generators.state();
            float[] numbers = draw(Generators.seeded(3));
            assertThat(draw(Generators.seeded(3))).isEqualTo(numbers);
            assertThat(draw(Generators.seeded(4))).isNotEqualTo(numbers);
            assertThat(Generators.state()).isEqualTo(before);
        }
    }
}
