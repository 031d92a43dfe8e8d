package maskfeat.torch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.Test;

class ScopesTest {
    private static Tensor ones(int count) {
        float[] ones = new float[count];
        java.util.Arrays.fill(ones, 1);
        return Arrays.tensor(ones, count);
    }

    @Test
    void onlyTheResultOfTidyLivesOnAndOnlyInTheCallersScope() {
        Tensor[] temporary = new Tensor[1];
        Tensor result;
        try (PointerScope outer = new PointerScope()) {
            result = Scopes.tidy(() -> {
                temporary[0] = ones(3);
                return temporary[0].add(temporary[0]);
            });
            assertThat(temporary[0].isNull()).isTrue();
            assertThat(Arrays.floats(result)).containsExactly(2, 2, 2);
        }
        assertThat(result.isNull()).isTrue();
    }

    @Test
    void tidyMayBeNestedAndPassOnWhatWasThereBefore() {
        try (PointerScope outer = new PointerScope()) {
            Tensor before = ones(2);
            Tensor same = Scopes.tidy(() -> Scopes.tidy(() -> before));
            assertThat(Arrays.floats(same)).containsExactly(1, 1);
            assertThat(Arrays.floats(before)).containsExactly(1, 1);
        }
    }

    @Test
    void tidyLeavesTheGraphOfItsResultUsable() {
        try (PointerScope outer = new PointerScope()) {
            Tensor x = new Tensor(ones(3).set_requires_grad(true));
            Tensor loss = Scopes.tidy(() -> x.mul(x).sum());
            loss.backward();
            assertThat(Arrays.floats(x.grad())).containsExactly(2, 2, 2);
        }
    }

    @Test
    void tidyWithoutAScopeIsRefused() {
        assertThat(PointerScope.getInnerScope()).isNull();
        assertThatIllegalStateException()
                .isThrownBy(() -> Scopes.tidy(() -> ones(1)))
                .withMessageContaining("enclosing PointerScope");
    }

    @Test
    void trimmedNeedsNoScopeAndFreesWhereThereIsOne() {
        assertThat(PointerScope.getInnerScope()).isNull();
        Tensor[] temporary = new Tensor[1];
        try (Tensor result = Scopes.trimmed(() -> temporary[0] = ones(1))) {
            assertThat(Arrays.floats(result)).containsExactly(1);
        }
        try (PointerScope scope = new PointerScope()) {
            Tensor result = Scopes.trimmed(() -> {
                temporary[0] = ones(3);
                return temporary[0].add(temporary[0]);
            });
            assertThat(temporary[0].isNull()).isTrue();
            assertThat(Arrays.floats(result)).containsExactly(2, 2, 2);
        }
    }

    @Test
    void whatIsKeptOutlivesScopesUntilItIsReleased() throws InterruptedException {
        long before = Handles.settled();
        Tensor kept;
        try (PointerScope scope = new PointerScope()) {
            kept = Scopes.keep(ones(4));
        }
        assertThat(kept.isNull()).isFalse();
        Scopes.release(kept);
        assertThat(kept.isNull()).isTrue();
        assertThat(Handles.now()).isLessThanOrEqualTo(before);
    }

    @Test
    void withoutGradientsRecordsNoneAndFreesAll() throws InterruptedException {
        long before = Handles.settled();
        try (PointerScope scope = new PointerScope()) {
            Tensor x = new Tensor(ones(3).set_requires_grad(true));
            long inside = Handles.now();
            boolean recorded = Scopes.withoutGradients(() -> x.mul(x).requires_grad());
            assertThat(recorded).isFalse();
            assertThat(Handles.now()).isLessThanOrEqualTo(inside);
            assertThat(x.mul(x).requires_grad()).isTrue();
        }
        assertThat(Handles.now()).isLessThanOrEqualTo(before);
    }
}
