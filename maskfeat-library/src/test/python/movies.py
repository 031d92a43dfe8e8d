"""Makes the movies of src/test/resources/movies with ffmpeg 5.1: MP4 and QuickTime as other encoders write them, each with
its header told in another way.

    python3 movies.py FOLDER
"""

import subprocess
import sys
from pathlib import Path

FOLDER = Path(sys.argv[1])
PICTURES = ["-f", "lavfi", "-i", "testsrc2=s=64x48:r=25:d=2"]
SOUND = ["-f", "lavfi", "-i", "sine=r=8000:d=2"]
AAC = ["-c:a", "aac", "-b:a", "16k"]
X264 = ["-c:v", "libx264", "-preset", "ultrafast", "-crf", "40", "-g", "12", "-bf", "3", "-threads", "1"]
PYRAMID = X264 + ["-x264-params", "b-adapt=0:b-pyramid=normal:weightp=0"]
X265 = ["-c:v", "libx265", "-preset", "ultrafast", "-crf", "40", "-x265-params"]
X265 += ["keyint=12:bframes=3:b-adapt=0:pools=1:frame-threads=1:log-level=error"]
MPEG4 = ["-c:v", "mpeg4", "-q:v", "12", "-g", "12"]
UNEVEN = ["-vf", "setpts='(N+0.6*mod(N,3))/25/TB'", "-vsync", "vfr"]


def movie(name, *words):
    end = ["-fflags", "+bitexact", "-map_metadata", "-1", str(FOLDER / name)]
    subprocess.run(["ffmpeg", "-v", "error", "-y", *words, *end], check=True)


FOLDER.mkdir(parents=True, exist_ok=True)
movie("b-frames.mp4", *PICTURES, *PYRAMID)
movie("b-frames-sound-faststart.mp4", *PICTURES, *SOUND, *PYRAMID, *AAC, "-movflags", "+faststart")
movie("b-frames-sound.mov", *PICTURES, *SOUND, *PYRAMID, *AAC)
movie("b-frames-no-edit-list.mp4", *PICTURES, *PYRAMID, "-use_editlist", "0")
movie("b-frames-negative-offsets.mp4", *PICTURES, *PYRAMID, "-movflags", "+negative_cts_offsets")
movie("b-frames-uneven.mp4", *PICTURES, *UNEVEN, *PYRAMID)
movie("open-groups.mp4", *PICTURES, *X264, "-x264-params", "open-gop=1:b-adapt=0")
movie("headers-repeated.mp4", *PICTURES, *X264, "-x264-params", "repeat-headers=1")
movie("interlaced.mp4", *PICTURES, *X264, "-flags", "+ilme+ildct", "-x264-params", "tff=1")
movie("fragmented.mp4", *PICTURES, *PYRAMID, "-movflags", "+frag_keyframe+empty_moov")
movie("fragmented-after-some.mp4", *PICTURES, *PYRAMID, "-movflags", "+frag_keyframe")
movie("hev1.mp4", *PICTURES, *X265)
movie("hvc1-sound.mov", *PICTURES, *SOUND, *X265, *AAC, "-tag:v", "hvc1")
movie("mpeg4.mp4", *PICTURES, "-vf", "noise=alls=20:allf=t", *MPEG4)
movie("mpeg4-b-frames.mp4", *PICTURES, *MPEG4, "-bf", "2")
movie("mjpeg.mov", "-f", "lavfi", "-i", "testsrc2=s=64x48:r=5:d=2", "-c:v", "mjpeg", "-q:v", "20")
movie("two-videos.mp4", *PICTURES, "-f", "lavfi", "-i", "testsrc=s=32x32:r=10:d=2", "-map", "1", "-map", "0", *X264)
movie("cut.mp4", "-ss", "0.7", "-i", str(FOLDER / "b-frames-sound-faststart.mp4"), "-t", "0.9", "-c", "copy")
movie("cut-open-groups.mp4", "-ss", "0.6", "-i", str(FOLDER / "open-groups.mp4"), "-c", "copy")
movie("late.mp4", "-itsoffset", "0.5", "-i", str(FOLDER / "b-frames.mp4"), *SOUND, "-c:v", "copy", *AAC)
