BEGIN TRANSACTION;
CREATE TABLE channels (
	session_id INTEGER NOT NULL, 
	place VARCHAR(80) NOT NULL, 
	device TEXT NOT NULL, 
	device_class TEXT NOT NULL, 
	unit TEXT NOT NULL, 
	noise FLOAT, 
	samples INTEGER NOT NULL, 
	lost INTEGER NOT NULL, 
	masked INTEGER NOT NULL, 
	PRIMARY KEY (session_id, place), 
	FOREIGN KEY(session_id) REFERENCES sessions (id) ON DELETE CASCADE
);
INSERT INTO "channels" VALUES(1,'gluteus_maximus/left','gluteus_maximus/left','B','uv',2.5,900,100,100);
INSERT INTO "channels" VALUES(1,'gluteus_maximus/right','gluteus_maximus/right','A','uv',2.5,900,100,100);
INSERT INTO "channels" VALUES(1,'biceps_femoris/left','biceps_femoris/left','A','uv',2.5,900,100,100);
INSERT INTO "channels" VALUES(1,'biceps_femoris/right','biceps_femoris/right','A','uv',2.5,900,100,100);
INSERT INTO "channels" VALUES(1,'erector_spinae/left','erector_spinae/left','A','uv',2.5,900,100,100);
INSERT INTO "channels" VALUES(1,'erector_spinae/right','erector_spinae/right','A','uv',2.5,900,100,100);
CREATE TABLE choices (
	id INTEGER NOT NULL, 
	person_id INTEGER NOT NULL, 
	utc TEXT NOT NULL, 
	"key" TEXT NOT NULL, 
	value TEXT NOT NULL, 
	PRIMARY KEY (id), 
	FOREIGN KEY(person_id) REFERENCES persons (id)
);
CREATE TABLE estimates (
	set_id INTEGER NOT NULL, 
	number_id INTEGER NOT NULL, 
	n INTEGER NOT NULL, 
	mean FLOAT, 
	low FLOAT, 
	high FLOAT, 
	first FLOAT, 
	last FLOAT, 
	change_low FLOAT, 
	change_high FLOAT, 
	slope FLOAT, 
	slope_low FLOAT, 
	slope_high FLOAT, 
	error FLOAT, 
	freedom FLOAT, 
	at_most INTEGER NOT NULL, 
	at_least INTEGER NOT NULL, 
	PRIMARY KEY (set_id, number_id), 
	FOREIGN KEY(set_id) REFERENCES sets (id) ON DELETE CASCADE, 
	FOREIGN KEY(number_id) REFERENCES numbers (id) ON DELETE CASCADE
)
 WITHOUT ROWID

;
INSERT INTO "estimates" VALUES(1,1,6,1.99999999999999983346e-01,1.87710268189648588066e-01,2.12289731810351378626e-01,1.9666666666666668406e-01,2.03333333333333365899e-01,-1.95099088197007684841e-02,3.2843242153034135633e-02,1.71428571428571745009e-03,-5.48184438785818094197e-03,8.91041581642961627585e-03,4.78091443733757830159e-03,5.0,0,0);
INSERT INTO "estimates" VALUES(1,2,6,2.0,2.0,2.0,2.0,2.0,0.0,0.0,0.0,0.0,0.0,0.0,2.5,0,0);
INSERT INTO "estimates" VALUES(1,3,6,5.0,5.0,5.0,5.0,5.0,0.0,0.0,0.0,0.0,0.0,0.0,2.5,0,0);
CREATE TABLE facts (
	sha256 VARCHAR(64) NOT NULL, 
	person_id INTEGER NOT NULL, 
	note TEXT NOT NULL, 
	tension FLOAT, 
	PRIMARY KEY (sha256), 
	FOREIGN KEY(person_id) REFERENCES persons (id)
);
INSERT INTO "facts" VALUES('0000000000000000000000000000000000000000000000000000000000000001',1,'kept',NULL);
CREATE TABLE numbers (
	id INTEGER NOT NULL, 
	metric VARCHAR(80) NOT NULL, 
	phase VARCHAR(20) NOT NULL, 
	place VARCHAR(80) NOT NULL, 
	unit VARCHAR(20) NOT NULL, 
	PRIMARY KEY (id)
);
INSERT INTO "numbers" VALUES(1,'sdi','hold','both','ln');
INSERT INTO "numbers" VALUES(2,'duration','hold','both','s');
INSERT INTO "numbers" VALUES(3,'duration','act','both','s');
INSERT INTO "numbers" VALUES(4,'level','hold','gluteus_maximus/left','ref');
CREATE TABLE persons (
	id INTEGER NOT NULL, 
	name VARCHAR(200) NOT NULL, 
	PRIMARY KEY (id), 
	UNIQUE (name)
);
INSERT INTO "persons" VALUES(1,'P1');
CREATE TABLE reference_levels (
	set_id INTEGER NOT NULL, 
	place VARCHAR(80) NOT NULL, 
	kind TEXT NOT NULL, 
	level FLOAT, 
	unit TEXT NOT NULL, 
	position TEXT NOT NULL, 
	load_kg FLOAT, 
	origin TEXT NOT NULL, 
	PRIMARY KEY (set_id, place), 
	FOREIGN KEY(set_id) REFERENCES sets (id) ON DELETE CASCADE
);
INSERT INTO "reference_levels" VALUES(1,'gluteus_maximus/left','T1',100.0,'uv','prone',NULL,'trial');
INSERT INTO "reference_levels" VALUES(1,'gluteus_maximus/right','T1',100.0,'uv','prone',NULL,'trial');
INSERT INTO "reference_levels" VALUES(1,'biceps_femoris/left','T1',100.0,'uv','prone',NULL,'trial');
INSERT INTO "reference_levels" VALUES(1,'biceps_femoris/right','T1',100.0,'uv','prone',NULL,'trial');
INSERT INTO "reference_levels" VALUES(1,'erector_spinae/left','T1',100.0,'uv','prone',NULL,'trial');
INSERT INTO "reference_levels" VALUES(1,'erector_spinae/right','T1',100.0,'uv','prone',NULL,'trial');
CREATE TABLE rep_values (
	set_id INTEGER NOT NULL, 
	rep INTEGER NOT NULL, 
	number_id INTEGER NOT NULL, 
	value FLOAT, 
	flag TEXT NOT NULL, 
	PRIMARY KEY (set_id, rep, number_id), 
	FOREIGN KEY(set_id) REFERENCES sets (id) ON DELETE CASCADE, 
	FOREIGN KEY(number_id) REFERENCES numbers (id) ON DELETE CASCADE
)
 WITHOUT ROWID

;
INSERT INTO "rep_values" VALUES(1,1,1,0.19,'');
INSERT INTO "rep_values" VALUES(1,1,2,2.0,'');
INSERT INTO "rep_values" VALUES(1,1,3,5.0,'');
INSERT INTO "rep_values" VALUES(1,1,4,NULL,'signal lost');
INSERT INTO "rep_values" VALUES(1,2,1,2.10000000000000019984e-01,'');
INSERT INTO "rep_values" VALUES(1,2,2,2.0,'');
INSERT INTO "rep_values" VALUES(1,2,3,5.0,'');
INSERT INTO "rep_values" VALUES(1,2,4,NULL,'signal lost');
INSERT INTO "rep_values" VALUES(1,3,1,0.19,'');
INSERT INTO "rep_values" VALUES(1,3,2,2.0,'');
INSERT INTO "rep_values" VALUES(1,3,3,5.0,'');
INSERT INTO "rep_values" VALUES(1,3,4,NULL,'signal lost');
INSERT INTO "rep_values" VALUES(1,4,1,2.10000000000000019984e-01,'');
INSERT INTO "rep_values" VALUES(1,4,2,2.0,'');
INSERT INTO "rep_values" VALUES(1,4,3,5.0,'');
INSERT INTO "rep_values" VALUES(1,4,4,NULL,'signal lost');
INSERT INTO "rep_values" VALUES(1,5,1,0.19,'');
INSERT INTO "rep_values" VALUES(1,5,2,2.0,'');
INSERT INTO "rep_values" VALUES(1,5,3,5.0,'');
INSERT INTO "rep_values" VALUES(1,5,4,NULL,'signal lost');
INSERT INTO "rep_values" VALUES(1,6,1,2.10000000000000019984e-01,'');
INSERT INTO "rep_values" VALUES(1,6,2,2.0,'');
INSERT INTO "rep_values" VALUES(1,6,3,5.0,'');
INSERT INTO "rep_values" VALUES(1,6,4,NULL,'signal lost');
CREATE TABLE reps (
	set_id INTEGER NOT NULL, 
	number INTEGER NOT NULL, 
	start_s FLOAT, 
	top_s FLOAT, 
	release_s FLOAT, 
	end_s FLOAT, 
	side TEXT NOT NULL, 
	source TEXT NOT NULL, 
	valid BOOLEAN NOT NULL, 
	target TEXT NOT NULL, 
	hold TEXT NOT NULL, 
	PRIMARY KEY (set_id, number), 
	FOREIGN KEY(set_id) REFERENCES sets (id) ON DELETE CASCADE
);
INSERT INTO "reps" VALUES(1,1,6.0,7.0,9.0,11.0,'','',1,'met','');
INSERT INTO "reps" VALUES(1,2,12.0,13.0,15.0,17.0,'','',1,'met','');
INSERT INTO "reps" VALUES(1,3,18.0,19.0,21.0,23.0,'','',1,'met','');
INSERT INTO "reps" VALUES(1,4,24.0,25.0,27.0,29.0,'','',1,'met','');
INSERT INTO "reps" VALUES(1,5,30.0,31.0,33.0,35.0,'','',1,'met','');
INSERT INTO "reps" VALUES(1,6,36.0,37.0,39.0,41.0,'','',1,'met','');
CREATE TABLE sessions (
	id INTEGER NOT NULL, 
	sha256 VARCHAR(64) NOT NULL, 
	path TEXT NOT NULL, 
	started_utc TEXT NOT NULL, 
	duration_s FLOAT, 
	program TEXT NOT NULL, 
	source TEXT NOT NULL, 
	simulated BOOLEAN NOT NULL, 
	analysis TEXT NOT NULL, 
	damage TEXT NOT NULL, 
	error TEXT NOT NULL, 
	PRIMARY KEY (id), 
	FOREIGN KEY(sha256) REFERENCES facts (sha256) ON DELETE CASCADE
);
INSERT INTO "sessions" VALUES(1,'0000000000000000000000000000000000000000000000000000000000000001','/recordings/1.mcap','2026-03-01T08:00:00+00:00',60.0,'emgmon test','made',0,'0.1.0/1','','');
CREATE TABLE sets (
	id INTEGER NOT NULL, 
	session_id INTEGER NOT NULL, 
	number INTEGER NOT NULL, 
	exercise TEXT NOT NULL, 
	exercise_title TEXT NOT NULL, 
	start_s FLOAT, 
	stop_s FLOAT, 
	reps INTEGER NOT NULL, 
	reps_valid INTEGER NOT NULL, 
	kind TEXT NOT NULL, 
	device_class TEXT NOT NULL, 
	composition TEXT NOT NULL, 
	load_kg FLOAT, 
	knee_deg FLOAT, 
	hold_s FLOAT, 
	tempo_s FLOAT, 
	pain FLOAT, 
	tension FLOAT, 
	coverage FLOAT, 
	utc_offset_s FLOAT, 
	PRIMARY KEY (id), 
	FOREIGN KEY(session_id) REFERENCES sessions (id) ON DELETE CASCADE
);
INSERT INTO "sets" VALUES(1,1,1,'bridge_2leg','bridge_2leg',0.0,40.0,6,6,'T1','B','biceps_femoris/left,biceps_femoris/right,erector_spinae/left,erector_spinae/right,gluteus_maximus/left,gluteus_maximus/right',NULL,NULL,2.0,5.0,NULL,NULL,0.8,3600.0);
CREATE TABLE tags (
	sha256 VARCHAR(64) NOT NULL, 
	tag VARCHAR(200) NOT NULL, 
	PRIMARY KEY (sha256, tag), 
	FOREIGN KEY(sha256) REFERENCES facts (sha256) ON DELETE CASCADE
);
CREATE TABLE version (
	number INTEGER NOT NULL
);
INSERT INTO "version" VALUES(3);
CREATE UNIQUE INDEX numbers_by_name ON numbers (metric, phase, place, unit);
CREATE INDEX ix_facts_person_id ON facts (person_id);
CREATE INDEX ix_choices_person_id ON choices (person_id);
CREATE UNIQUE INDEX sessions_of_recording ON sessions (sha256);
CREATE INDEX ix_sessions_path ON sessions (path);
CREATE UNIQUE INDEX sets_of_session ON sets (session_id, number);
COMMIT;
