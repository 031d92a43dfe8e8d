package maskfeat.model;

import static java.util.Objects.requireNonNull;

import java.util.List;
import java.util.Map;
import maskfeat.nn.Init;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** The unreduced MViTv2-S against the fingerprint of the official one. */
@Tag("golden")
class MvitFullGoldenTest {
    private record Fast(MaskFeat model) implements MvitFingerprint.Network {
        @Override
        public Map<String, Tensor> parameters() {
            return model.parameters();
        }

        @Override
        public List<Tensor> blocks(Tensor frames, Tensor hidden) {
            Tokens tokens = model.backbone().embed(frames);
            Tensor token = requireNonNull(model.parameters().get("mask_token"));
            Tokens masked = new Tokens(torch.where(hidden.unsqueeze(-1), token, tokens.x()), tokens.grid());
            return EachBlock.of(model.backbone(), masked);
        }

        @Override
        public Tensor predict(Tensor frames, Tensor hidden, Tensor rows) {
            return model.forward(frames, hidden, List.of(rows)).get(0);
        }
    }

    @Test
    void everythingEqualsTheOfficialFingerprint() {
        MvitFingerprint golden = MvitFingerprint.open("full/mvit_s.json");
        Mvit.Config config = MvitGoldenSet.config(golden.shape(), golden.mlpRatio());
        try (Init init = new Init(0);
                MaskFeat model = new MaskFeat(config.build(golden.size(), init), golden.outputs(), init)) {
            golden.setWeights(model.parameters());
            golden.check(new Fast(model));
        }
    }
}
