package maskfeat.model;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;

/** The oracle in full size; by {@code -Dgolden.oracle=true} only, since it takes a minute and some gigabytes. */
@Tag("golden")
@EnabledIfSystemProperty(named = "golden.oracle", matches = "true")
class PlainMvitFullGoldenTest {
    private record Plain(MvitFingerprint golden, Map<String, Tensor> parameters) implements MvitFingerprint.Network {
        private PlainMvit network() {
            return new PlainMvit(golden.shape(), parameters);
        }

        @Override
        public List<Tensor> blocks(Tensor frames, Tensor hidden) {
            PlainMvit plain = network();
            return plain.blocks(plain.mask(plain.embed(frames), hidden)).stream()
                    .map(Features::x)
                    .toList();
        }

        @Override
        public Tensor predict(Tensor frames, Tensor hidden, Tensor rows) {
            return network().predict(frames, hidden, rows);
        }
    }

    @Test
    void theOracleEqualsTheOfficialFingerprint() {
        MvitFingerprint golden = MvitFingerprint.open("full/mvit_s.json");
        try (PointerScope scope = new PointerScope()) {
            Map<String, Tensor> parameters = golden.emptyParameters();
            golden.setWeights(parameters);
            golden.check(new Plain(golden, parameters));
        }
    }

    @Test
    void theOracleEqualsTheOfficialFloat64() {
        MvitFingerprint golden = MvitFingerprint.open("full/mvit_s.json");
        try (PointerScope scope = new PointerScope()) {
            Map<String, Tensor> parameters = golden.emptyParameters();
            golden.setWeights(parameters);
            Map<String, Tensor> doubles = new HashMap<>();
            parameters.forEach((name, parameter) ->
                    doubles.put(name, parameter.detach().to(ScalarType.Double).set_requires_grad(true)));
            golden.checkFloat64(new Plain(golden, doubles));
        }
    }
}
