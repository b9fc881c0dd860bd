#!/usr/bin/env bash
# Puts the parts of a class together (grade.slurm, or machines of your own), and makes all reports.
set -euo pipefail
STAGE=${STAGE:-stage2} GRADES=${GRADES:-grades}
mkdir -p "$GRADES/results"
cp -R "$GRADES"/parts/*/results/. "$GRADES/results/"
python3 kit.py grade "$STAGE" --out "$GRADES"
