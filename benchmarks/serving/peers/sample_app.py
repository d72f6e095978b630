"""The stack that AWS's bring-your-own sample describes: Flask, a line of CSV through pandas, scikit-learn's predict.

Run by gunicorn in an environment of its own; MODEL names a joblib file.
"""

import io
import os

import flask
import joblib
import pandas as pd

app = flask.Flask(__name__)
model = joblib.load(os.environ["MODEL"]) if "MODEL" in os.environ else None


@app.route("/ping", methods=["GET"])
def ping() -> flask.Response:
    return flask.Response(response="\n", status=200 if model else 404, mimetype="application/json")


@app.route("/invocations", methods=["POST"])
def invocations() -> flask.Response:
    if flask.request.content_type != "text/csv":
        return flask.Response(response="CSV data only", status=415, mimetype="text/plain")
    rows = pd.read_csv(io.StringIO(flask.request.data.decode("utf-8")), header=None)
    answers = model.predict(rows.to_numpy())
    out = io.StringIO()
    pd.DataFrame({"results": answers}).to_csv(out, header=False, index=False)
    return flask.Response(response=out.getvalue(), status=200, mimetype="text/csv")
